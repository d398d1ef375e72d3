"""SQL migrations cut into parts and statements."""

from pathlib import Path

import pytest

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.migrations.sql_parts import SqlParts, split_parts, statements


def parts_of(directory: Path, content: str | bytes) -> SqlParts:
    path = directory / "20260101_000000_a.sql"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return split_parts(MigrationFile(path.name, path))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_parts_under_markers(tmp_path: Path, newline: str, bom: str) -> None:
    lines = ["-- about", "-- migrate:up transaction:false", "A;", "--migrate:down", "B;", ""]
    parts = parts_of(tmp_path, bom + newline.join(lines))
    assert (parts.up.strip(), parts.down.strip(), parts.marked) == ("A;", "B;", True)
    assert parts.before + parts.up + parts.after == newline.join(lines)


def test_without_markers_all_is_up(tmp_path: Path) -> None:
    assert parts_of(tmp_path, "A;\n") == SqlParts("", "A;\n", "", "", marked=False)


def test_down_may_come_first(tmp_path: Path) -> None:
    parts = parts_of(tmp_path, "-- migrate:down\nB;\n-- migrate:up\nA;\n")
    assert (parts.up.strip(), parts.down.strip(), parts.after) == ("A;", "B;", "")


def test_a_word_that_only_begins_like_a_marker_is_none(tmp_path: Path) -> None:
    assert not parts_of(tmp_path, "-- migrate:upwards\nA;\n").marked


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("-- migrate:down\nB;\n", ":1: `-- migrate:down` without `-- migrate:up`"),
        ("-- migrate:up\nA;\n-- migrate:up\nB;\n", ":3: a second `-- migrate:up`"),
        (b"A;\n'caf\xe9';\n", ":2: not UTF-8"),
    ],
)
def test_files_that_cannot_be_understood(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(MigrationFileError) as raised:
        parts_of(tmp_path, content)
    assert f"20260101_000000_a.sql{message}" in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", []),
        ("-- a;\n/* b; /* c; */ d; */ ;;", []),
        ("A; B", ["A", "B"]),
        ("A -- x;\n, B;", ["A -- x;\n, B"]),
        ("SELECT ';' , \"a;b\", 'it''s;';", ["SELECT ';' , \"a;b\", 'it''s;'"]),
        (r"SELECT E'\';', '\'; B", [r"SELECT E'\';', '\'", "B"]),
        ("DO $$ a; $x$ b; $$; B", ["DO $$ a; $x$ b; $$", "B"]),
        ("DO $x$ a; $$ b; $$ $x$; B", ["DO $x$ a; $$ b; $$ $x$", "B"]),
        ("SELECT a$b$c; SELECT $1; B", ["SELECT a$b$c", "SELECT $1", "B"]),
        ("SELECT 'unclosed; B", ["SELECT 'unclosed", "B"]),
        ("CREATE RULE r AS ON INSERT TO t DO (A; B); C",
         ["CREATE RULE r AS ON INSERT TO t DO (A; B)", "C"]),
        ("create or replace function f() BEGIN ATOMIC A; SELECT CASE WHEN b THEN 1 END; END; B",
         ["create or replace function f() BEGIN ATOMIC A; SELECT CASE WHEN b THEN 1 END; END",
          "B"]),
        ("BEGIN; A; END; B", ["BEGIN", "A", "END", "B"]),
    ],
)  # fmt: skip
def test_statements(sql: str, expected: list[str]) -> None:
    assert [sql[found.start : found.end] for found in statements(sql)] == expected


def test_whether_the_last_statement_is_terminated() -> None:
    assert [found.terminated for found in statements("A; B -- ;")] == [True, False]
