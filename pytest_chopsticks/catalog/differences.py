"""The changes from one snapshot to another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog.changes import (
    Change,
    DomainAdded,
    DomainChanged,
    DomainRemoved,
    EnumAdded,
    EnumLabelAdded,
    EnumLabelRemoved,
    EnumLabelRenamed,
    EnumRemoved,
    EnumReordered,
    PrivilegeGranted,
    PrivilegeRevoked,
    SequenceAdded,
    SequenceChanged,
    SequenceRemoved,
    TableAdded,
    TableRemoved,
)
from pytest_chopsticks.catalog.table_differences import table_differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.catalog.structure import Privilege, Sequence, Snapshot


def differences(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    """Every change, always in the same order: tables by name, then sequences, types, privileges.

    Unequal snapshots have changes. Equal ones have at most constraints and indexes of other names.
    Snapshots know no identity beyond names, so a renamed table or column is one that is gone and
    one that is new, and so is everything that mentions it.
    """
    return (
        *_tables(before, after),
        *_sequences(before, after),
        *_enums(before, after),
        *_domains(before, after),
        *_privileges(before, after),
    )


def _tables(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for name in sorted({*before.tables, *after.tables}):
        was, now = before.tables.get(name), after.tables.get(name)
        if was is None and now is not None:
            yield TableAdded(name, now)
        elif was is not None and now is None:
            yield TableRemoved(name, was)
        elif was is not None and now is not None and was is not now:
            yield from table_differences(was, now)


def _sequences(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    columns_before, columns_after = _columns(before), _columns(after)
    for name in sorted({*before.sequences, *after.sequences}):
        was, now = before.sequences.get(name), after.sequences.get(name)
        if was is None and now is not None:
            if now.owned_by not in columns_after - columns_before:
                yield SequenceAdded(now)
        elif was is not None and now is None:
            if was.owned_by not in columns_before - columns_after:
                yield SequenceRemoved(was)
        elif was is not None and now is not None and _more_than_privileges(was, now):
            yield SequenceChanged(was, now)


def _more_than_privileges(was: Sequence, now: Sequence) -> bool:
    return replace(was, privileges=now.privileges) != now


def _columns(snapshot: Snapshot) -> set[str]:
    return {f"{t.name}.{column}" for t in snapshot.tables.values() for column in t.columns}


def _enums(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for name in sorted({*before.enums, *after.enums}):
        was, now = before.enums.get(name), after.enums.get(name)
        if was is None and now is not None:
            yield EnumAdded(name, now)
        elif was is not None and now is None:
            yield EnumRemoved(name, was)
        elif was is not None and now is not None:
            yield from _labels(name, was, now)


def _labels(enum: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Change]:
    gone = [label for label in before if label not in after]
    new = [label for label in after if label not in before]
    if len(before) == len(after) and [before.index(g) for g in gone] == [
        after.index(n) for n in new
    ]:
        for was, now in zip(gone, new, strict=True):
            yield EnumLabelRenamed(enum, was, now)
    else:
        yield from (EnumLabelRemoved(enum, label) for label in gone)
        yield from (EnumLabelAdded(enum, label) for label in new)
    if [label for label in before if label in after] != [
        label for label in after if label in before
    ]:
        yield EnumReordered(enum, before, after)


def _domains(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for name in sorted({*before.domains, *after.domains}):
        was, now = before.domains.get(name), after.domains.get(name)
        if was is None and now is not None:
            yield DomainAdded(now)
        elif was is not None and now is None:
            yield DomainRemoved(was)
        elif was is not None and now is not None and was != now:
            yield DomainChanged(was, now)


def _privileges(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    yield from _privileges_of("schema", "", before.privileges, after.privileges)
    for name in sorted({*before.tables} & {*after.tables}):
        was, now = before.tables[name].privileges, after.tables[name].privileges
        yield from _privileges_of("table", name, was, now)
    for name in sorted({*before.sequences} & {*after.sequences}):
        was, now = before.sequences[name].privileges, after.sequences[name].privileges
        yield from _privileges_of("sequence", name, was, now)


def _privileges_of(
    kind: str, name: str, before: tuple[Privilege, ...], after: tuple[Privilege, ...]
) -> Iterator[Change]:
    for privilege in sorted({*before} - {*after}):
        yield PrivilegeRevoked(kind, name, privilege)
    for privilege in sorted({*after} - {*before}):
        yield PrivilegeGranted(kind, name, privilege)
