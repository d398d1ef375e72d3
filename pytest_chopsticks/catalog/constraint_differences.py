"""The changes of a table's constraints and indexes, whose names mean nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pytest_chopsticks.catalog.changes import (
    Change,
    CheckAdded,
    CheckChanged,
    CheckRemoved,
    ConstraintRenamed,
    ExclusionAdded,
    ExclusionChanged,
    ExclusionRemoved,
    ForeignKeyAdded,
    ForeignKeyChanged,
    ForeignKeyRemoved,
    IndexAdded,
    IndexRemoved,
    IndexRenamed,
    IndexValidityChanged,
    PrimaryKeyAdded,
    PrimaryKeyChanged,
    PrimaryKeyRemoved,
    UniqueAdded,
    UniqueChanged,
    UniqueRemoved,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_chopsticks.catalog.structure import Index, Table


class Named(Hashable, Protocol):
    """A constraint or an index: hashable by its structure, with a name that is no part of it."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


@dataclass(slots=True)
class Matching(Generic[T]):
    """Which of the values before became which after; the rest came or went."""

    pairs: list[tuple[T, T]] = field(default_factory=list)
    gone: list[T] = field(default_factory=list)
    new: list[T] = field(default_factory=list)

    def pair_by(self, key: Callable[[T], Hashable]) -> None:
        """Pairs those still alone whose keys are equal, in their order."""
        waiting: defaultdict[Hashable, list[T]] = defaultdict(list)
        for value in self.new:
            waiting[key(value)].append(value)
        alone = []
        for value in self.gone:
            if candidates := waiting[key(value)]:
                self.pairs.append((value, candidates.pop(0)))
            else:
                alone.append(value)
        self.gone = alone
        self.new = [value for values in waiting.values() for value in values]


def constraint_differences(before: Table, after: Table) -> Iterator[Change]:
    """Primary key, unique, check, foreign-key and exclusion constraints, in this order."""
    table = after.name
    yield from _primary_key(before, after)
    yield from _changes(
        table,
        _matched(before.unique_constraints, after.unique_constraints, lambda c: c.columns),
        (UniqueAdded, UniqueRemoved, UniqueChanged),
    )
    yield from _changes(
        table,
        _matched(before.checks, after.checks, lambda c: c.expression),
        (CheckAdded, CheckRemoved, CheckChanged),
    )
    yield from _changes(
        table,
        _matched(before.foreign_keys, after.foreign_keys, lambda c: c.columns),
        (ForeignKeyAdded, ForeignKeyRemoved, ForeignKeyChanged),
    )
    yield from _changes(
        table,
        _matched(before.exclusions, after.exclusions, lambda c: c.definition),
        (ExclusionAdded, ExclusionRemoved, ExclusionChanged),
    )


def _primary_key(before: Table, after: Table) -> Iterator[Change]:
    was, now = before.primary_key, after.primary_key
    yield from _changes(
        after.name,
        _matched([was] if was else [], [now] if now else [], lambda _: None),
        (PrimaryKeyAdded, PrimaryKeyRemoved, PrimaryKeyChanged),
    )


def _matched(
    before: Iterable[T], after: Iterable[T], resemblance: Callable[[T], Hashable]
) -> Matching[T]:
    """The same in all, else the same structure, else the same name, else a resemblance."""
    matching = Matching(gone=list(before), new=list(after))
    matching.pair_by(lambda value: (value.name, value))
    matching.pair_by(lambda value: value)
    matching.pair_by(lambda value: value.name)
    matching.pair_by(resemblance)
    return matching


def _changes(table: str, matching: Matching[T], kinds: tuple[Any, Any, Any]) -> Iterator[Change]:
    added, removed, changed = kinds
    yield from (removed(table, value) for value in matching.gone)
    yield from (added(table, value) for value in matching.new)
    for was, now in matching.pairs:
        if was != now:
            yield changed(table, was, now)
        if was.name != now.name:
            yield ConstraintRenamed(table, was.name, now.name)


def index_differences(before: Table, after: Table) -> Iterator[Change]:
    """Of indexes that back no constraint. One can change its validity; all else replaces it."""
    matching = Matching(gone=_own_indexes(before), new=_own_indexes(after))
    matching.pair_by(lambda index: (index.name, index))
    matching.pair_by(lambda index: index)
    matching.pair_by(lambda index: replace(index, valid=True, ready=True))
    yield from (IndexRemoved(after.name, index) for index in matching.gone)
    yield from (IndexAdded(after.name, index) for index in matching.new)
    for was, now in matching.pairs:
        if was != now:
            yield IndexValidityChanged(after.name, was, now)
        if was.name != now.name:
            yield IndexRenamed(after.name, was.name, now.name)


def _own_indexes(table: Table) -> list[Index]:
    return [index for index in table.indexes if not index.backs_constraint]
