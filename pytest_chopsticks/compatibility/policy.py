"""The document's Schema Evolution Policy, as a ruling on one change of the catalog.

ALLOWED      add tables, columns with default values, indexes, types, constraints that are not
             enforced on existing data; change defaults
PROHIBITED   remove tables or columns; tighten constraints on existing data
DECLARABLE   rename, or change column types (without migration); remove indexes (without analysis)
BY_EFFECT    on neither list: what old statements and readers then get decides
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum, auto

from pytest_chopsticks.catalog import Snapshot, changes
from pytest_chopsticks.catalog.changes import Change
from pytest_chopsticks.catalog.index_coverage import (
    column_names,
    has_unique_index,
    is_implied,
    leads_with,
)
from pytest_chopsticks.catalog.structure import (
    CheckConstraint,
    Column,
    Domain,
    ForeignKey,
    Index,
    Table,
)


class Ruling(Enum):
    """What the policy says of a change."""

    ALLOWED = auto()
    PROHIBITED = auto()
    DECLARABLE = auto()
    BY_EFFECT = auto()


_ALLOWED: tuple[type[Change], ...] = (
    changes.TableAdded,
    changes.DefaultAdded,
    changes.DefaultChanged,
    changes.EnumAdded,
    changes.DomainAdded,
    changes.SequenceAdded,
    changes.ConstraintRenamed,
    changes.IndexRenamed,
    changes.PrivilegeGranted,
)
_PROHIBITED: tuple[type[Change], ...] = (
    changes.PersistenceChanged,
    changes.NullabilityTightened,
    changes.GeneratedChanged,
    changes.PrimaryKeyAdded,
    changes.PrimaryKeyRemoved,
    changes.PrimaryKeyChanged,
    changes.UniqueChanged,
    changes.ExclusionAdded,
    changes.ExclusionChanged,
    changes.EnumLabelRemoved,
    changes.EnumLabelRenamed,
)
_DECLARABLE: tuple[type[Change], ...] = (
    changes.ColumnTypeChanged,
    changes.CollationChanged,
)


def ruling(change: Change, before: Snapshot, after: Snapshot) -> Ruling:
    """What the policy says of a change from `before` to `after`."""
    match change:
        case changes.TableRemoved(table=name):
            return _of_removed(name, before, after)
        case changes.ColumnRemoved(table=table, column=column):
            return _of_removed_column(before.tables[table], after.tables[table], column)
        case changes.ColumnAdded(definition=column):
            return Ruling.ALLOWED if may_be_omitted(column) else Ruling.PROHIBITED
        case changes.TableKindChanged(before=was, after=now):
            both = {was, now} <= {"ordinary", "partitioned"}
            return Ruling.ALLOWED if both else Ruling.PROHIBITED
        case changes.UniqueRemoved(table=table, constraint=constraint):
            kept = has_unique_index(after.tables[table], constraint.columns)
            return Ruling.ALLOWED if kept else Ruling.DECLARABLE
        case changes.UniqueAdded() | changes.IndexAdded():
            return _of_index(change, before)
        case changes.IndexRemoved(table=table, index=index):
            return _of_removed_index(index, after.tables[table])
        case changes.IndexValidityChanged(after=index):
            usable = index.valid and index.ready
            return Ruling.ALLOWED if usable else Ruling.PROHIBITED
        case changes.CheckAdded(table=table, constraint=check):
            return _of_new_constraint(
                check, columns_of_check(check, after.tables[table]), table, before
            )
        case changes.ForeignKeyAdded(table=table, constraint=key):
            return _of_new_constraint(key, key.columns, table, before)
        case changes.CheckChanged(before=was_check, after=check):
            return _of_changed_check(was_check, check)
        case changes.DomainChanged(before=was_domain, after=domain):
            return _of_changed_domain(was_domain, domain)
        case _:
            return _by_kind(change)


def _by_kind(change: Change) -> Ruling:
    if isinstance(change, _ALLOWED):
        return Ruling.ALLOWED
    if isinstance(change, _PROHIBITED):
        return Ruling.PROHIBITED
    return Ruling.DECLARABLE if isinstance(change, _DECLARABLE) else Ruling.BY_EFFECT


def _of_removed(name: str, before: Snapshot, after: Snapshot) -> Ruling:
    """A table that another took the place of was renamed, perhaps."""
    was = before.tables[name]
    new = (table for other, table in after.tables.items() if other not in before.tables)
    renamed = any(set(was.columns) <= set(table.columns) for table in new)
    return Ruling.DECLARABLE if renamed else Ruling.PROHIBITED


def _of_removed_column(was: Table, now: Table, column: str) -> Ruling:
    new = (one for name, one in now.columns.items() if name not in was.columns)
    renamed = any(one.type == was.columns[column].type for one in new)
    return Ruling.DECLARABLE if renamed else Ruling.PROHIBITED


def _of_index(change: changes.UniqueAdded | changes.IndexAdded, before: Snapshot) -> Ruling:
    """Uniqueness is enforced on existing data, unless an earlier key implies it."""
    if isinstance(change, changes.UniqueAdded):
        columns: Collection[str] = change.constraint.columns
    elif not change.index.unique:
        return Ruling.ALLOWED
    else:
        columns = [key.column for key in change.index.keys if key.column is not None]
    was = before.tables[change.table]
    harmless = is_implied(was, columns) or _only_new(columns, was)
    return Ruling.ALLOWED if harmless else Ruling.PROHIBITED


def _only_new(columns: Iterable[str], was: Table) -> bool:
    """Old statements leave a column that is new at its default; whether that can be, they show."""
    named = list(columns)
    return bool(named) and not any(name in was.columns for name in named)


def _of_removed_index(index: Index, after: Table) -> Ruling:
    if index.unique:
        kept = has_unique_index(after, column_names(index))
        return Ruling.ALLOWED if kept else Ruling.DECLARABLE
    return (
        Ruling.ALLOWED
        if any(leads_with(i, index.keys) for i in after.indexes)
        else Ruling.DECLARABLE
    )


def _of_new_constraint(
    constraint: CheckConstraint | ForeignKey, columns: Iterable[str], table: str, before: Snapshot
) -> Ruling:
    """Not enforced on existing data: not validated, or on columns that hold none yet."""
    if not constraint.validated or not constraint.enforced:
        return Ruling.BY_EFFECT
    was = before.tables[table]
    return Ruling.BY_EFFECT if _only_new(columns, was) else Ruling.PROHIBITED


def _of_changed_check(was: CheckConstraint, now: CheckConstraint) -> Ruling:
    """Validating what already holds for every new row tightens nothing that writers could see."""
    if was.expression == now.expression or not now.validated or not now.enforced:
        return Ruling.BY_EFFECT
    return Ruling.PROHIBITED


def _of_changed_domain(was: Domain, now: Domain) -> Ruling:
    """What tightens a domain tightens every column of it."""
    earlier = {check.expression for check in was.checks}
    new = [check for check in now.checks if check.expression not in earlier and check.validated]
    tightened = bool(new) or (was.nullable and not now.nullable)
    return Ruling.PROHIBITED if tightened or was.type != now.type else Ruling.BY_EFFECT


def columns_of_check(check: CheckConstraint, table: Table) -> list[str]:
    """The columns that a check mentions, as far as its text tells."""
    words = set(_words(check.expression))
    return [name for name in table.columns if name in words or f'"{name}"' in check.expression]


def _words(text: str) -> list[str]:
    return "".join(char if char.isalnum() or char == "_" else " " for char in text).split()


def may_be_omitted(column: Column) -> bool:
    """Nullable, or the database has a value for it."""
    has_value = column.default is not None or column.identity or column.generated
    return column.nullable or bool(has_value)
