"""When does an index do what another, or a constraint, is there for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_chopsticks.catalog.structure import Index, IndexKey, Table, UniqueConstraint


def is_implied(table: Table, columns: Collection[str]) -> bool:
    """Whether rows that differ in one of the table's keys differ in these columns too."""
    return any(set(key) <= set(columns) for key in keys_of(table))


def keys_of(table: Table) -> list[tuple[str, ...]]:
    """The columns of every primary key, unique constraint and full unique index."""
    constraints: list[UniqueConstraint] = [*table.unique_constraints]
    if table.primary_key is not None:
        constraints.append(table.primary_key)
    indexes = [
        column_names(index) for index in table.indexes if index.unique and not index.predicate
    ]
    return [*(one.columns for one in constraints), *filter(None, indexes)]


def has_unique_index(table: Table, columns: Iterable[str]) -> bool:
    """Whether a full unique index does for a statement what a unique constraint does."""
    wanted = set(columns)
    return any(
        index.unique
        and index.valid
        and index.predicate is None
        and set(column_names(index)) == wanted
        for index in table.indexes
    )


def leads_with(index: Index, keys: Sequence[IndexKey]) -> bool:
    """Whether a usable, non-partial btree index begins with these columns and directions.

    The index behind a constraint does not count: the document has both.
    """
    usable = index.valid and index.ready and index.predicate is None
    return (
        usable
        and index.method == "btree"
        and not index.backs_constraint
        and _directions(index.keys[: len(keys)]) == _directions(keys)
    )


def column_names(index: Index) -> tuple[str, ...]:
    """The columns that are the keys of an index; empty where a key is an expression."""
    names = [key.column for key in index.keys]
    return tuple(name for name in names if name is not None) if None not in names else ()


def _directions(keys: Iterable[IndexKey]) -> list[tuple[str, bool]]:
    return [(key.column or key.text, key.descending) for key in keys]
