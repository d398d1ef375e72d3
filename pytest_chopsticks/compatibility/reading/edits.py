"""Whether an edit of a migration file changed what it does, or only comments and white space."""

from __future__ import annotations

import ast
from enum import Enum

from pytest_chopsticks.compatibility.reading.javascript_tokens import (
    NotJavaScript,
    javascript_tokens,
)
from pytest_chopsticks.migrations.files import JAVASCRIPT_SUFFIXES
from pytest_chopsticks.migrations.sql_parts import MARKER
from pytest_chopsticks.migrations.sql_tokens import tokens


class EditKind(Enum):
    """`UNREADABLE` is a version whose tokens cannot be told, which may be anything."""

    NONE = "the bytes are the same"
    ONLY_COMMENTS = "only comments or white space changed"
    CODE = "what it does may have changed"
    UNREADABLE = "what changed cannot be told"


def edit_kind(before: bytes, after: bytes, suffix: str) -> EditKind:
    """What was edited between two versions of a file with that suffix.

    SQL inside the strings of a program counts as code: a comment in it is sent to the server. The
    markers `-- migrate:up` and `-- migrate:down` count as code too.
    """
    if before == after:
        return EditKind.NONE
    try:
        was, now = _essence(before, suffix), _essence(after, suffix)
    except (
        UnicodeDecodeError,
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
        NotJavaScript,
    ):
        return EditKind.UNREADABLE
    return EditKind.ONLY_COMMENTS if was == now else EditKind.CODE


def _essence(content: bytes, suffix: str) -> object:
    if suffix == ".py":
        return ast.dump(ast.parse(content))
    text = content.decode("utf-8-sig")
    if suffix == ".sql":
        return _sql(text)
    if suffix in JAVASCRIPT_SUFFIXES:
        return [token.text for token in javascript_tokens(text)]
    raise ValueError(suffix)


def _sql(text: str) -> list[list[str]]:
    """Tokens, part by part: what lies under another marker is done at another time."""
    pieces: list[list[str]] = []
    end = 0
    for marker in MARKER.finditer(text):
        pieces += [
            _words(text[end : marker.start()]),
            [" ".join(marker[0].strip(" \t\r-").split())],
        ]
        end = marker.end()
    return [*pieces, _words(text[end:])]


def _words(text: str) -> list[str]:
    return [text[start:stop] for _, start, stop in tokens(text)]
