"""Changes of tables and views as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog.changes.base import TableChange

if TYPE_CHECKING:
    from pytest_chopsticks.catalog.structure import Table


@dataclass(frozen=True, slots=True)
class TableAdded(TableChange):
    """Carries all of the new table; none of its parts is a change of its own."""

    definition: Table

    def __str__(self) -> str:
        return f"{_noun(self.definition.kind)} {self.table} is new"


@dataclass(frozen=True, slots=True)
class TableRemoved(TableChange):
    """Carries all of the table that was there; none of its parts is a change of its own."""

    definition: Table

    def __str__(self) -> str:
        return f"{_noun(self.definition.kind)} {self.table} is gone"


@dataclass(frozen=True, slots=True)
class TableKindChanged(TableChange):
    """Another kind of relation under the same name.

    Between ordinary and partitioned everything else is compared too; otherwise only the presence
    and types of columns are.
    """

    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.table} changed from {_a(self.before)} to {_a(self.after)}"


@dataclass(frozen=True, slots=True)
class PersistenceChanged(TableChange):
    """Permanent, unlogged or temporary."""

    before: str
    after: str

    def __str__(self) -> str:
        return f"table {self.table} changed from {self.before} to {self.after}"


@dataclass(frozen=True, slots=True)
class ParentsChanged(TableChange):
    """The tables that it inherits from or is a partition of."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        before, after = (", ".join(parents) or "nothing" for parents in (self.before, self.after))
        return f"table {self.table} changed what it inherits from: {before} to {after}"


@dataclass(frozen=True, slots=True)
class PartitioningChanged(TableChange):
    """The rows it holds as a partition, or the key by which it is partitioned."""

    before: str | None
    after: str | None

    def __str__(self) -> str:
        before, after = self.before or "nothing", self.after or "nothing"
        return f"table {self.table} changed its partitioning from {before} to {after}"


@dataclass(frozen=True, slots=True)
class ViewDefinitionChanged(TableChange):
    """The query of a view or materialized view."""

    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"view {self.table} changed from {self.before} to {self.after}"


def _noun(kind: str) -> str:
    return kind if "view" in kind else "foreign table" if kind == "foreign" else "table"


def _a(kind: str) -> str:
    article = "an" if kind == "ordinary" else "a"
    return f"{article} {kind}" if "view" in kind else f"{article} {kind} table"
