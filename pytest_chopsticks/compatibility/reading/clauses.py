"""Where the parts of a statement begin that the parser gives no place for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_chopsticks.migrations.postgres_parser import Token, scan_sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_chopsticks.compatibility.reading.context import Context

_OPENING = {"ASCII_40", "ASCII_91"}
_CLOSING = {"ASCII_41", "ASCII_93"}
_COMMA, _DOT, _STAR = "ASCII_44", "ASCII_46", "ASCII_42"


def clause_starts(context: Context, relation: int, count: int) -> list[int]:
    """The places in the statement's source of the actions behind the relation at byte `relation`.

    The place of the statement stands for all where they cannot be told apart.
    """
    name_at = context.positions.character(relation) - context.start
    after = [token for token in scan_sql(context.text) if token.start >= name_at]
    starts = [context.start + token.start for token in _first_of_each(after[_name_length(after) :])]
    return starts if len(starts) == count else [context.start] * count


def _name_length(tokens: Sequence[Token]) -> int:
    """How many tokens `schema.name *` takes."""
    length = 1
    while length < len(tokens) and tokens[length].kind == _DOT:
        length += 2
    return length + (length < len(tokens) and tokens[length].kind == _STAR)


def _first_of_each(tokens: Sequence[Token]) -> Iterator[Token]:
    depth = 0
    first = True
    for token in tokens:
        if first:
            yield token
        first = token.kind == _COMMA and depth == 0
        depth += (token.kind in _OPENING) - (token.kind in _CLOSING)
