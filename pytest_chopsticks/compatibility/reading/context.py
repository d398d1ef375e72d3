"""What the rules know while they read one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from pytest_chopsticks.compatibility.reading.sql_reading import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from pytest_chopsticks.migrations.postgres_parser import Positions


@dataclass(frozen=True, slots=True)
class NotAnalysed:
    what: str


@dataclass(frozen=True, slots=True)
class TransactionControl:
    """A statement inside a routine that ends the transaction around it."""


@dataclass(frozen=True, slots=True)
class MovesSequence:
    """A sequence may continue elsewhere, or a column of rows that are there gets one."""


@dataclass(frozen=True, slots=True)
class Names:
    """The relations that a statement names."""

    relations: frozenset[str]


Remark: TypeAlias = "Claim | NotAnalysed | TransactionControl | MovesSequence | Names"


@dataclass(slots=True)
class Scope:
    """What the statements read so far have made; for statements of one migration, the same one.

    `existing` are relations that are known to have been there before, which IF NOT EXISTS does not
    make new.
    """

    existing: Collection[str] = ()
    made: set[str] = field(default_factory=set)
    routines: dict[str, tuple[Remark, ...]] = field(default_factory=dict)
    prepared: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    in_block: bool = False

    def is_new(self, relation: str) -> bool:
        return relation in self.made

    def moved(self, new: str, name: str) -> None:
        """What is new has another name from now on."""
        self.made.discard(new)
        self.made.add(name)

    def make(self, names: Iterable[str]) -> None:
        self.made.update(name for name in names if name not in self.existing)


@dataclass(frozen=True, slots=True)
class Context:
    """One statement: its text, its command, and how its places become places of the whole text."""

    text: str
    command: str
    start: int
    positions: Positions
    outward: Callable[[int], int]
    scope: Scope

    def at(self, location: int) -> int:
        """The place of a node by its byte offset; the statement's own where that is unknown."""
        return self.outward(self.positions.character(location) if location > 0 else self.start)

    def claim(
        self, rule: str, subject: str, message: str, place: int = 0, table: str | None = None
    ) -> Iterator[Claim]:
        """The claim, unless it is about a `table` that this very text makes.

        `place` is a node's byte offset, or 0 for the statement.
        """
        if table is None or not self.scope.is_new(table):
            yield Claim(rule, subject, self.at(place), message)


Rule: TypeAlias = "Callable[[Any, Context], Iterator[Remark]]"


class Reader(Protocol):
    """Reads what stands inside other statements."""

    def node(self, node: Any, context: Context) -> Iterator[Remark]:
        """What the statement `node` does."""

    def fragment(self, text: str, outward: Callable[[int], int], scope: Scope) -> Iterator[Remark]:
        """What the statements of `text` do; `outward` maps its places to the whole text's."""
