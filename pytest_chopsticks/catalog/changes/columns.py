"""Changes of columns. A renamed column is one that is gone and one that is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog.changes.base import ColumnChange

if TYPE_CHECKING:
    from pytest_chopsticks.catalog.structure import Column, Generated


@dataclass(frozen=True, slots=True)
class ColumnAdded(ColumnChange):
    definition: Column

    def __str__(self) -> str:
        return f"{self.place} is new: {_described(self.definition)}"


@dataclass(frozen=True, slots=True)
class ColumnRemoved(ColumnChange):
    definition: Column

    def __str__(self) -> str:
        return f"{self.place} is gone"


@dataclass(frozen=True, slots=True)
class ColumnTypeChanged(ColumnChange):
    """The type with its precision; for a domain also the type beneath it."""

    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.place} changed type from {self.before} to {self.after}"


@dataclass(frozen=True, slots=True)
class NullabilityTightened(ColumnChange):
    def __str__(self) -> str:
        return f"{self.place} no longer accepts NULL"


@dataclass(frozen=True, slots=True)
class NullabilityLoosened(ColumnChange):
    def __str__(self) -> str:
        return f"{self.place} now accepts NULL"


@dataclass(frozen=True, slots=True)
class DefaultAdded(ColumnChange):
    after: str

    def __str__(self) -> str:
        return f"{self.place} now has the default {self.after}"


@dataclass(frozen=True, slots=True)
class DefaultChanged(ColumnChange):
    """Another expression, or a sequence that the column began or ceased to own."""

    before: str
    after: str

    def __str__(self) -> str:
        if self.before == self.after:
            return f"{self.place} changed whether it owns the sequence of its default {self.after}"
        return f"{self.place} changed default from {self.before} to {self.after}"


@dataclass(frozen=True, slots=True)
class DefaultRemoved(ColumnChange):
    before: str

    def __str__(self) -> str:
        return f"{self.place} lost its default {self.before}"


@dataclass(frozen=True, slots=True)
class CollationChanged(ColumnChange):
    """None is the collation of the column's type."""

    before: str | None
    after: str | None

    def __str__(self) -> str:
        before, after = (f'"{c}"' if c else "its type's" for c in (self.before, self.after))
        return f"{self.place} changed collation from {before} to {after}"


@dataclass(frozen=True, slots=True)
class GeneratedChanged(ColumnChange):
    """None is an ordinary column."""

    before: Generated | None
    after: Generated | None

    def __str__(self) -> str:
        before, after = _generation(self.before), _generation(self.after)
        return f"{self.place} changed from {before} to {after}"


@dataclass(frozen=True, slots=True)
class IdentityChanged(ColumnChange):
    """ "always", "by default", or None for no identity column."""

    before: str | None
    after: str | None

    def __str__(self) -> str:
        before, after = self.before or "none", self.after or "none"
        return f"{self.place} changed identity from {before} to {after}"


def _described(column: Column) -> str:
    parts = [column.type]
    if not column.nullable:
        parts.append("not null")
    if column.default is not None:
        parts.append(f"default {column.default}")
    if column.generated is not None:
        parts.append(_generation(column.generated))
    if column.identity is not None:
        parts.append(f"generated {column.identity} as identity")
    return ", ".join(parts)


def _generation(generated: Generated | None) -> str:
    if generated is None:
        return "not generated"
    return f"generated {'stored' if generated.stored else 'virtual'} as {generated.expression}"
