"""What reading SQL tells, as values. Positions count characters of the text from 0."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """What a statement does to old statements, to data or to locks, as far as its text tells.

    `rule` is a slug: the kebab-case name of a class in `catalog.changes`, or one of `OWN_RULES`.
    `subject` is what it is done to: `table`, `table.column`, the name of a type or function.
    """

    rule: str
    subject: str
    position: int
    message: str


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """One statement; `text` is the text from `start` to `end`, without the final semicolon.

    `command` is its kind as the server's command tags spell it ("ALTER TABLE"); it is empty where
    the statement could not be parsed. `not_analysed` says what about it was not understood.
    `transaction_control` tells that it begins or ends a transaction; savepoints do not.
    `moves_sequence` tells that it may let one continue elsewhere, or a column draw from another.
    `relations` are the tables, views, indexes and sequences it names, those of the routines it
    runs included; `public.` is left out. `creates` are the relations, types and routines that it
    makes. `when_called` is what the routine that it makes would do; none of it is done yet.
    """

    start: int
    end: int
    text: str
    command: str
    claims: tuple[Claim, ...] = ()
    not_analysed: tuple[str, ...] = ()
    transaction_control: bool = False
    moves_sequence: bool = False
    relations: frozenset[str] = frozenset()
    creates: frozenset[str] = frozenset()
    when_called: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    message: str
    position: int


@dataclass(frozen=True, slots=True)
class SqlReading:
    """All statements of a text, and the first thing in it that cannot be parsed, if any."""

    statements: tuple[ReadStatement, ...]
    error: SyntaxProblem | None = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(claim for one in self.statements for claim in one.claims)

    @property
    def not_analysed(self) -> tuple[str, ...]:
        return tuple(what for one in self.statements for what in one.not_analysed)
