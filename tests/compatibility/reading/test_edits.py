"""Edited files: did what they do change, or only comments and white space?"""

from __future__ import annotations

import pytest

from pytest_chopsticks.compatibility.reading import EditKind, edit_kind

ONLY_COMMENTS = [
    (".sql", "DROP TABLE t;", "-- why\r\nDROP  TABLE\tt; /* é */"),
    (".sql", "-- migrate:up\nA;\n", "\ufeff-- about\n--migrate:up\n A;"),
    (".py", "def up(c):\n    c.execute('A')\n", "# é\ndef up(c):\n\tc.execute( 'A' )  # x\n"),
    (".js", "up('A')", "// it's\nup( 'A' ) /* ` */"),
    (".mjs", "x = a / b", "x = a /* ' */ / b"),
]
CODE = [
    (".sql", "DROP TABLE t;", "DROP TABLE u;"),
    (".sql", "-- off:\nDROP TABLE t;", "-- off:DROP TABLE t;"),
    (".sql", "SELECT 'a  b'", "SELECT 'a b'"),
    (".sql", "SELECT '--a'", "SELECT '--b'"),
    (".sql", "-- migrate:up\nA;\n-- migrate:down\nB;", "-- migrate:down\nA;\n-- migrate:up\nB;"),
    (".sql", "-- migrate:up\nA;", "-- migrate:up transaction:false\nA;"),
    (".py", "c.execute('A')", "c.execute('A -- x')"),
    (".js", "up('A')", "up('A ')"),
    (".js", "up(`A`)", "up(`A // x`)"),
    (".js", "x = /'/; y = 1", "x = /'/; y = 2"),
]
UNREADABLE = [
    (".py", "def", "x = 1"),
    (".js", "'x", "1"),
    (".sql", b"\xff", b"A"),
    (".rb", "1", "2"),
]


def kind(suffix: str, before: str | bytes, after: str | bytes) -> EditKind:
    was, now = (t.encode() if isinstance(t, str) else t for t in (before, after))
    return edit_kind(was, now, suffix)


@pytest.mark.parametrize(("suffix", "before", "after"), ONLY_COMMENTS)
def test_only_comments(suffix: str, before: str, after: str) -> None:
    assert kind(suffix, before, after) is EditKind.ONLY_COMMENTS


@pytest.mark.parametrize(("suffix", "before", "after"), CODE)
def test_code(suffix: str, before: str, after: str) -> None:
    assert kind(suffix, before, after) is EditKind.CODE


@pytest.mark.parametrize(("suffix", "before", "after"), UNREADABLE)
def test_unreadable(suffix: str, before: str | bytes, after: str | bytes) -> None:
    assert kind(suffix, before, after) is EditKind.UNREADABLE


def test_the_same_bytes_are_no_edit() -> None:
    assert kind(".py", "def", "def") is EditKind.NONE
