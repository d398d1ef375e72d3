"""PostgreSQL's own parser (libpg_query): statements with their trees, places counted in characters.

The parser reads bytes, stops at a NUL, and takes chains without end for a reason to crash; what
would do harm is refused here with a `CannotParse`, like any syntax error.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import postgast
from google.protobuf.message import DecodeError

from pytest_chopsticks.migrations.sql_tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Every level of a chain such as `a || b || …` takes a token and some 300 bytes of the C stack.
LONGEST_CHAIN = 2000

_BOM = "\ufeff"


class CannotParse(Exception):
    """The text is not SQL that the parser knows; `position` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message, position)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class ParsedStatement:
    """A statement's place in its text, comments before it left out, and its node."""

    start: int
    end: int
    terminated: bool
    node: Any


@dataclass(frozen=True, slots=True)
class ParsedSql:
    statements: tuple[ParsedStatement, ...]
    positions: Positions


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is no comment; `kind` is the grammar's name for it, in capitals for keywords."""

    kind: str
    start: int
    end: int


class Positions:
    """Turns the parser's byte offsets into characters of the text."""

    def __init__(self, text: str) -> None:
        self._bytes = None if text.isascii() else [0, *accumulate(map(_width, text))]

    def character(self, offset: int) -> int:
        return offset if self._bytes is None else bisect_right(self._bytes, offset) - 1


def parse_sql(text: str) -> ParsedSql:
    """The statements of `text`; raises CannotParse. A BOM at its beginning is white space."""
    blanked = _checked(text)
    try:
        tree = postgast.parse(blanked)
    except postgast.PgQueryError as error:
        raise CannotParse(error.message, max(0, error.cursorpos - 1)) from error
    except DecodeError as error:
        raise CannotParse("nested too deeply for the parser's answer to be read", 0) from error
    positions = Positions(blanked)
    return ParsedSql(tuple(_statements(blanked, tree, positions)), positions)


def scan_sql(text: str) -> tuple[Token, ...]:
    """The tokens of `text`, comments left out; raises CannotParse."""
    blanked = _checked(text)
    try:
        found = postgast.scan(blanked).tokens
    except postgast.PgQueryError as error:
        raise CannotParse(error.message, max(0, error.cursorpos - 1)) from error
    positions = Positions(blanked)
    return tuple(
        Token(kind, positions.character(token.start), positions.character(token.end))
        for token in found
        if (kind := _kind(token.token)) not in ("SQL_COMMENT", "C_COMMENT")
    )


def _kind(number: int) -> str:
    """Characters that SQL has no use for, such as `{`, are tokens without a name."""
    value = postgast.pg_query_pb2.Token.DESCRIPTOR.values_by_number.get(number)
    return str(value.name) if value else f"ASCII_{number}"


def _statements(text: str, tree: Any, positions: Positions) -> Iterator[ParsedStatement]:
    for raw in tree.stmts:
        start = positions.character(raw.stmt_location)
        length = raw.stmt_len
        end = positions.character(raw.stmt_location + length) if length else len(text)
        start, stripped = _stripped(text, start, end)
        terminated = text[end : end + 1] == ";"
        yield ParsedStatement(start, stripped, terminated, raw.stmt)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """Without the white space and comments around; the parser leaves those behind in."""
    statement = text[start:end]
    if "--" not in statement and "/*" not in statement:
        return start + len(statement) - len(statement.lstrip()), start + len(statement.rstrip())
    found = list(tokens(statement))
    return start + found[0][1], start + found[-1][2]


def _checked(text: str) -> str:
    nul = text.find("\0")
    if nul >= 0:
        raise CannotParse("a NUL character, which PostgreSQL does not accept", nul)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise CannotParse("a lone surrogate, which is no character", error.start) from error
    if len(text) > LONGEST_CHAIN:
        _refuse_long_chains(text)
    return " " + text[1:] if text.startswith(_BOM) else text


def _refuse_long_chains(text: str) -> None:
    lengths = [0]
    for kind, start, end in tokens(text):
        word = text[start:end]
        if word == "(":
            lengths.append(0)
        elif word == ")" and len(lengths) > 1:
            lengths.pop()
        elif kind == "end" or word == ",":
            lengths[-1] = 0
        else:
            lengths[-1] += 1
            if lengths[-1] > LONGEST_CHAIN:
                what = f"more than {LONGEST_CHAIN} words without a comma, too long to be parsed"
                raise CannotParse(what, start)


def _width(character: str) -> int:
    code = ord(character)
    return 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
