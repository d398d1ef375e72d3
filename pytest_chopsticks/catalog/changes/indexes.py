"""Changes of indexes, those behind constraints left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog.changes.base import TableChange

if TYPE_CHECKING:
    from pytest_chopsticks.catalog.structure import Index


@dataclass(frozen=True, slots=True)
class IndexAdded(TableChange):
    index: Index

    def __str__(self) -> str:
        return f"{_noun(self.index)} on {self.table} {self.index} is new"


@dataclass(frozen=True, slots=True)
class IndexRemoved(TableChange):
    index: Index

    def __str__(self) -> str:
        return f"{_noun(self.index)} on {self.table} {self.index} is gone"


@dataclass(frozen=True, slots=True)
class IndexValidityChanged(TableChange):
    """The same index became valid and ready, or ceased to be."""

    before: Index
    after: Index

    def __str__(self) -> str:
        state = "usable" if self.after.valid and self.after.ready else "invalid"
        return f"{_noun(self.after)} on {self.table} {self.after} is now {state}"


@dataclass(frozen=True, slots=True)
class IndexRenamed(TableChange):
    """Another name, the same structure."""

    before: str
    after: str

    def __str__(self) -> str:
        return f"index {self.before} on {self.table} is now called {self.after}"


def _noun(index: Index) -> str:
    return "unique index" if index.unique else "index"
