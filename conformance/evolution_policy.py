"""The document's Schema Evolution Policy, as a judgement of one change.

What is on neither of its lists (checks, foreign keys, triggers, rules, row security, privileges)
is judged by what the statements of version 1.0.0 get, not here.
"""

from __future__ import annotations

from pytest_chopsticks.catalog import Snapshot, changes
from pytest_chopsticks.catalog.changes import Change
from pytest_chopsticks.catalog.structure import Column, Table

from .canonical_schema import TABLES
from .index_matching import leads_with

_PROHIBITED: tuple[type[Change], ...] = (
    changes.TableRemoved,
    changes.TableKindChanged,
    changes.PersistenceChanged,
    changes.ColumnRemoved,
    changes.ColumnTypeChanged,
    changes.NullabilityTightened,
    changes.CollationChanged,
    changes.GeneratedChanged,
    changes.PrimaryKeyRemoved,
    changes.PrimaryKeyChanged,
    changes.UniqueChanged,
    changes.IndexValidityChanged,
)
_TAKEN_AWAY: tuple[type[Change], ...] = (
    changes.TableRemoved,
    changes.ColumnRemoved,
    changes.PrimaryKeyRemoved,
)
_KEYS = {table.name: tuple(set(key) for key in table.keys) for table in TABLES}


def prohibited(change: Change, after: Snapshot) -> bool:
    """Whether a change is prohibited, or at least not on the list of allowed changes."""
    match change:
        case changes.TableKindChanged(after=kind):
            return kind != "partitioned"
        case changes.ColumnAdded(definition=column):
            return not _may_be_omitted(column)
        case changes.UniqueRemoved(table=table, constraint=constraint):
            return not _has_unique_index(after.tables[table], constraint.columns)
        case changes.UniqueAdded(table=table, constraint=constraint):
            return not _implied(table, constraint.columns)
        case changes.IndexAdded(table=table, index=index):
            keys = [key.column for key in index.keys if key.column is not None]
            return index.unique and not _implied(table, keys)
        case changes.IndexRemoved(table=table, index=index):
            return not any(leads_with(one, index.keys) for one in after.tables[table].indexes)
        case _:
            return isinstance(change, _PROHIBITED)


def missing(change: Change, after: Snapshot) -> bool:
    """Whether a change from the document's schema takes something of it away.

    Checks are left to what they refuse, since the same meaning can be written in many ways.
    """
    match change:
        case changes.UniqueRemoved() | changes.IndexRemoved():
            return prohibited(change, after)
        case _:
            return isinstance(change, _TAKEN_AWAY)


def _may_be_omitted(column: Column) -> bool:
    """Nullable, or the database has a value for it."""
    has_value = column.default is not None or column.identity or column.generated
    return column.nullable or bool(has_value)


def _implied(table: str, columns: tuple[str, ...] | list[str]) -> bool:
    """Rows that differ in one of the document's keys differ in these columns too."""
    return any(key <= set(columns) for key in _KEYS.get(table, ()))


def _has_unique_index(table: Table, columns: tuple[str, ...]) -> bool:
    """A full unique index does for a statement what a unique constraint does."""
    return any(
        index.unique
        and index.valid
        and index.predicate is None
        and {key.column for key in index.keys} == set(columns)
        for index in table.indexes
    )
