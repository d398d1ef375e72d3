"""The changes of a table's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_chopsticks.catalog.changes import (
    Change,
    CollationChanged,
    ColumnAdded,
    ColumnRemoved,
    ColumnTypeChanged,
    DefaultAdded,
    DefaultChanged,
    DefaultRemoved,
    GeneratedChanged,
    IdentityChanged,
    NullabilityLoosened,
    NullabilityTightened,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.catalog.structure import Column, Table


def column_differences(before: Table, after: Table) -> Iterator[Change]:
    """Columns gone and new and of another type, then every other change of those that stayed."""
    yield from presence_and_types(before, after)
    for name in sorted({*before.columns} & {*after.columns}):
        was, now = before.columns[name], after.columns[name]
        yield from _nullability(after.name, was, now)
        yield from _default(after.name, was, now)
        if was.collation != now.collation:
            yield CollationChanged(after.name, name, was.collation, now.collation)
        if was.generated != now.generated:
            yield GeneratedChanged(after.name, name, was.generated, now.generated)
        if was.identity != now.identity:
            yield IdentityChanged(after.name, name, was.identity, now.identity)


def presence_and_types(before: Table, after: Table) -> Iterator[Change]:
    """Columns gone, new, and of another type: all that views and tables can be compared by."""
    for name in sorted({*before.columns, *after.columns}):
        was, now = before.columns.get(name), after.columns.get(name)
        if was is None and now is not None:
            yield ColumnAdded(after.name, name, now)
        elif was is not None and now is None:
            yield ColumnRemoved(after.name, name, was)
        elif was is not None and now is not None and _type(was) != _type(now):
            yield ColumnTypeChanged(after.name, name, _type(was), _type(now))


def _type(column: Column) -> str:
    return f"{column.type} ({column.base_type})" if column.base_type else column.type


def _nullability(table: str, was: Column, now: Column) -> Iterator[Change]:
    if was.nullable and not now.nullable:
        yield NullabilityTightened(table, now.name)
    if now.nullable and not was.nullable:
        yield NullabilityLoosened(table, now.name)


def _default(table: str, was: Column, now: Column) -> Iterator[Change]:
    if was.default is None and now.default is not None:
        yield DefaultAdded(table, now.name, now.default)
    elif was.default is not None and now.default is None:
        yield DefaultRemoved(table, now.name, was.default)
    elif was.default is not None and now.default is not None and _yields_otherwise(was, now):
        yield DefaultChanged(table, now.name, was.default, now.default)


def _yields_otherwise(was: Column, now: Column) -> bool:
    return (was.default, was.serial) != (now.default, now.serial)
