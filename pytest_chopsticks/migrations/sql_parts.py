"""SQL migrations: the parts under `-- migrate:up` and `-- migrate:down`, and their statements.

The markers are dbmate's: a line of their own, options such as `transaction:false` behind them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.postgres_parser import CannotParse, parse_sql
from pytest_chopsticks.migrations.sql_tokens import tokens

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile

MARKER = re.compile(r"^[ \t]*--[ \t]*migrate:(up|down)(?=\s|$).*$", re.MULTILINE)
_NO_TRANSACTION = re.compile(r"\btransaction:false\b")


@dataclass(frozen=True, slots=True)
class SqlParts:
    """The text of an SQL migration, cut around its `up` part.

    `before + up + after` is the whole text. `after` begins with the `-- migrate:down` line, if
    there is one, and `down` is what follows that line. `marked` tells whether there are markers,
    `in_transaction` is false where the option `transaction:false` stands behind one.
    """

    before: str
    up: str
    after: str
    down: str
    marked: bool
    in_transaction: bool = True


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement's place in its text, without the comments around it and the final semicolon."""

    start: int
    end: int
    terminated: bool


def split_parts(file: MigrationFile) -> SqlParts:
    """Cut `file` into its parts; all of it is `up` where there are no markers.

    Raises MigrationFileError when it is not UTF-8, a marker occurs twice, or `up` is missing.
    """
    text = _text(file)
    markers: dict[str, re.Match[str]] = {}
    for marker in MARKER.finditer(text):
        if marker[1] in markers:
            raise _marker_error(file, text, marker, f"a second `-- migrate:{marker[1]}`")
        markers[marker[1]] = marker
    up, down = markers.get("up"), markers.get("down")
    if up is None:
        if down is not None:
            raise _marker_error(file, text, down, "`-- migrate:down` without `-- migrate:up`")
        return SqlParts("", text, "", "", marked=False)
    up_end = down.start() if down and down.start() > up.end() else len(text)
    down_end = up.start() if down and down.start() < up.start() else len(text)
    return SqlParts(
        before=text[: up.end()],
        up=text[up.end() : up_end],
        after=text[up_end:],
        down=text[down.end() : down_end] if down else "",
        marked=True,
        in_transaction=not any(_NO_TRANSACTION.search(marker[0]) for marker in markers.values()),
    )


def statements(sql: str) -> tuple[Statement, ...]:
    """The statements of `sql`, split by PostgreSQL's parser.

    What it cannot read is split where psql splits: at semicolons outside quotes, dollar quotes,
    comments, parentheses (of CREATE RULE) and the BEGIN ATOMIC … END of a function.
    """
    try:
        parsed = parse_sql(sql).statements
    except CannotParse:
        return _split_by_tokens(sql)
    return tuple(Statement(one.start, one.end, one.terminated) for one in parsed)


def _split_by_tokens(sql: str) -> tuple[Statement, ...]:
    found: list[Statement] = []
    start: int | None = None
    end = 0
    nesting = _Nesting()
    for kind, token_start, token_end in tokens(sql):
        if kind != "end" or nesting.inside:
            start, end = token_start if start is None else start, token_end
            nesting.see(sql[token_start:token_end].upper())
        elif start is not None:
            found.append(Statement(start, end, terminated=True))
            start = None
            nesting = _Nesting()
    if start is not None:
        found.append(Statement(start, end, terminated=False))
    return tuple(found)


class _Nesting:
    """How deep a statement is in parentheses and in a function's BEGIN … END, as psql counts."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._parentheses = 0
        self._blocks = 0

    @property
    def inside(self) -> bool:
        return self._parentheses > 0 or self._blocks > 0

    def see(self, word: str) -> None:
        if word in ("(", ")"):
            self._parentheses = max(0, self._parentheses + (1 if word == "(" else -1))
        elif (word == "BEGIN" and self._creates_routine) or (word == "CASE" and self._blocks):
            self._blocks += 1
        elif word == "END" and self._blocks:
            self._blocks -= 1
        if len(self._words) < 4:
            self._words.append(word)

    @property
    def _creates_routine(self) -> bool:
        words = [word for word in self._words if word not in ("OR", "REPLACE")]
        return words[:1] == ["CREATE"] and words[1:2] in (["FUNCTION"], ["PROCEDURE"])


def _text(file: MigrationFile) -> str:
    content = file.content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MigrationFileError(
            f"{file.path}:{line}: not UTF-8: {error.reason}", hint="Save the file as UTF-8."
        ) from error


def _marker_error(
    file: MigrationFile, text: str, marker: re.Match[str], what: str
) -> MigrationFileError:
    line = text.count("\n", 0, marker.start()) + 1
    return MigrationFileError(
        f"{file.path}:{line}: {what}",
        hint="A file has one `-- migrate:up`, and may have one `-- migrate:down` below it.",
    )
