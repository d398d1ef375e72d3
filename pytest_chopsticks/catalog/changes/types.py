"""Changes of sequences, enum types and domains."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog.changes.base import Change, aspects

if TYPE_CHECKING:
    from pytest_chopsticks.catalog.structure import Domain, Sequence


@dataclass(frozen=True, slots=True)
class SequenceAdded(Change):
    """Not reported for a sequence that came with its table or column."""

    sequence: Sequence

    def __str__(self) -> str:
        return f"sequence {self.sequence.name} is new"


@dataclass(frozen=True, slots=True)
class SequenceRemoved(Change):
    """Not reported for a sequence that went with its table or column."""

    sequence: Sequence

    def __str__(self) -> str:
        return f"sequence {self.sequence.name} is gone"


@dataclass(frozen=True, slots=True)
class SequenceChanged(Change):
    """Anything but its privileges, whose changes are of their own kind."""

    before: Sequence
    after: Sequence

    def __str__(self) -> str:
        before = replace(self.before, privileges=self.after.privileges)
        return f"sequence {self.after.name} changed {aspects(before, self.after)}"


@dataclass(frozen=True, slots=True)
class EnumAdded(Change):
    enum: str
    labels: tuple[str, ...]

    def __str__(self) -> str:
        return f"enum {self.enum} is new: {', '.join(self.labels)}"


@dataclass(frozen=True, slots=True)
class EnumRemoved(Change):
    enum: str
    labels: tuple[str, ...]

    def __str__(self) -> str:
        return f"enum {self.enum} is gone"


@dataclass(frozen=True, slots=True)
class EnumLabelAdded(Change):
    enum: str
    label: str

    def __str__(self) -> str:
        return f"enum {self.enum} has a new label '{self.label}'"


@dataclass(frozen=True, slots=True)
class EnumLabelRemoved(Change):
    enum: str
    label: str

    def __str__(self) -> str:
        return f"enum {self.enum} lost its label '{self.label}'"


@dataclass(frozen=True, slots=True)
class EnumLabelRenamed(Change):
    """Another label stands in the same place, among as many as before."""

    enum: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"enum {self.enum} renamed its label '{self.before}' to '{self.after}'"


@dataclass(frozen=True, slots=True)
class EnumReordered(Change):
    """The labels that both have stand in another order."""

    enum: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        before, after = ", ".join(self.before), ", ".join(self.after)
        return f"enum {self.enum} changed its order from {before} to {after}"


@dataclass(frozen=True, slots=True)
class DomainAdded(Change):
    domain: Domain

    def __str__(self) -> str:
        return f"domain {self.domain.name} is new"


@dataclass(frozen=True, slots=True)
class DomainRemoved(Change):
    domain: Domain

    def __str__(self) -> str:
        return f"domain {self.domain.name} is gone"


@dataclass(frozen=True, slots=True)
class DomainChanged(Change):
    before: Domain
    after: Domain

    def __str__(self) -> str:
        return f"domain {self.after.name} changed {aspects(self.before, self.after)}"
