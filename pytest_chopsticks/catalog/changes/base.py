"""What every kind of change has in common."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two snapshots; `str()` says it in a sentence that names the object."""


@dataclass(frozen=True, slots=True)
class TableChange(Change):
    """A change of one table, or of something that belongs to it."""

    table: str


@dataclass(frozen=True, slots=True)
class ColumnChange(TableChange):
    """A change of one column."""

    column: str

    @property
    def place(self) -> str:
        return f"column {self.table}.{self.column}"


def aspects(before: Any, after: Any) -> str:
    """What differs between two values of one class: "deferrable from false to true, …"."""
    return ", ".join(
        f"{f.name.replace('_', ' ')} from {_word(was)} to {_word(now)}"
        for f in fields(before)
        if f.compare and (was := getattr(before, f.name)) != (now := getattr(after, f.name))
    )


def _word(value: Any) -> str:
    if value is None or value in ((), ""):
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"({', '.join(map(str, value))})"
    return str(value)
