"""Changes of primary keys, unique, check, foreign-key and exclusion constraints.

A constraint is changed where one of the same name, or over the same columns, took its place; only
then can the two be told apart from one that is gone and one that is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from pytest_chopsticks.catalog.changes.base import TableChange, aspects
from pytest_chopsticks.catalog.structure import (
    CheckConstraint,
    ExclusionConstraint,
    ForeignKey,
    UniqueConstraint,
)

Constraint = TypeVar("Constraint")


@dataclass(frozen=True, slots=True)
class ConstraintAdded(TableChange, Generic[Constraint]):
    noun: ClassVar[str]
    constraint: Constraint

    def __str__(self) -> str:
        return f"{self.noun} {self.constraint} of {self.table} is new"


@dataclass(frozen=True, slots=True)
class ConstraintRemoved(TableChange, Generic[Constraint]):
    noun: ClassVar[str]
    constraint: Constraint

    def __str__(self) -> str:
        return f"{self.noun} {self.constraint} of {self.table} is gone"


@dataclass(frozen=True, slots=True)
class ConstraintChanged(TableChange, Generic[Constraint]):
    noun: ClassVar[str]
    before: Constraint
    after: Constraint

    def __str__(self) -> str:
        difference = aspects(self.before, self.after)
        return f"{self.noun} {self.before} of {self.table} changed {difference}"


@dataclass(frozen=True, slots=True)
class ConstraintRenamed(TableChange):
    """Another name, the same structure."""

    before: str
    after: str

    def __str__(self) -> str:
        return f"constraint {self.before} of {self.table} is now called {self.after}"


@dataclass(frozen=True, slots=True)
class PrimaryKeyAdded(ConstraintAdded[UniqueConstraint]):
    noun: ClassVar[str] = "primary key"


@dataclass(frozen=True, slots=True)
class PrimaryKeyRemoved(ConstraintRemoved[UniqueConstraint]):
    noun: ClassVar[str] = "primary key"


@dataclass(frozen=True, slots=True)
class PrimaryKeyChanged(ConstraintChanged[UniqueConstraint]):
    noun: ClassVar[str] = "primary key"


@dataclass(frozen=True, slots=True)
class UniqueAdded(ConstraintAdded[UniqueConstraint]):
    noun: ClassVar[str] = "unique constraint"


@dataclass(frozen=True, slots=True)
class UniqueRemoved(ConstraintRemoved[UniqueConstraint]):
    noun: ClassVar[str] = "unique constraint"


@dataclass(frozen=True, slots=True)
class UniqueChanged(ConstraintChanged[UniqueConstraint]):
    noun: ClassVar[str] = "unique constraint"


@dataclass(frozen=True, slots=True)
class CheckAdded(ConstraintAdded[CheckConstraint]):
    noun: ClassVar[str] = "check"


@dataclass(frozen=True, slots=True)
class CheckRemoved(ConstraintRemoved[CheckConstraint]):
    noun: ClassVar[str] = "check"


@dataclass(frozen=True, slots=True)
class CheckChanged(ConstraintChanged[CheckConstraint]):
    noun: ClassVar[str] = "check"


@dataclass(frozen=True, slots=True)
class ForeignKeyAdded(ConstraintAdded[ForeignKey]):
    noun: ClassVar[str] = "foreign key"


@dataclass(frozen=True, slots=True)
class ForeignKeyRemoved(ConstraintRemoved[ForeignKey]):
    noun: ClassVar[str] = "foreign key"


@dataclass(frozen=True, slots=True)
class ForeignKeyChanged(ConstraintChanged[ForeignKey]):
    noun: ClassVar[str] = "foreign key"


@dataclass(frozen=True, slots=True)
class ExclusionAdded(ConstraintAdded[ExclusionConstraint]):
    noun: ClassVar[str] = "exclusion constraint"


@dataclass(frozen=True, slots=True)
class ExclusionRemoved(ConstraintRemoved[ExclusionConstraint]):
    noun: ClassVar[str] = "exclusion constraint"


@dataclass(frozen=True, slots=True)
class ExclusionChanged(ConstraintChanged[ExclusionConstraint]):
    noun: ClassVar[str] = "exclusion constraint"
