"""For every table, the SQL of the rows it can hold: one expression a column, over a row's number.

Rows of equal numbers refer to each other along foreign keys, and columns of one name in several
tables have equal values where their types and checks allow it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from pytest_chopsticks.catalog.structure import Column, ForeignKey, Snapshot, Table
from pytest_chopsticks.compatibility.contents.attempts import pin_settings
from pytest_chopsticks.compatibility.contents.check_search import Draft, Solutions, satisfy_checks
from pytest_chopsticks.compatibility.contents.natural_references import Namesakes
from pytest_chopsticks.compatibility.contents.numbered_values import (
    ValueType,
    numbered_value,
    value_type,
)
from pytest_chopsticks.compatibility.contents.references import References, closure
from pytest_chopsticks.compatibility.contents.row_conditions import Condition, conditions

_KINDS = ("ordinary", "partitioned")


@dataclass(frozen=True, slots=True)
class RowPlan:
    """How to make rows of one table.

    `references` are its foreign keys, and those that nothing declares; `joins` are all the pairs of
    columns that clients may join along. `values` are the
    expressions of the columns that an insert names; `fresh` names those left to a sequence, with
    what to say in their place where a row has to be known by its number. `problems` tell what no
    value was found for.
    """

    table: Table
    references: tuple[ForeignKey, ...]
    joins: tuple[ForeignKey, ...]
    types: Mapping[str, ValueType]
    values: Mapping[str, str]
    fresh: Mapping[str, str]
    problems: tuple[str, ...]

    def may_be_null(self, column: str) -> bool:
        return self.table.columns[column].nullable and not self.types[column].never_null

    @property
    def explicit(self) -> dict[str, str]:
        """Every expression, those of the columns left to a sequence too."""
        return {**self.fresh, **self.values}


def plan_rows(
    connection: psycopg.Connection[Any],
    snapshot: Snapshot,
    tables: Collection[str] | None = None,
    known: Solutions | None = None,
) -> dict[str, RowPlan]:
    """Plan rows for the tables, all where None, and for those that they refer to.

    `known` is what earlier plans for these tables found out, and takes what this one does.

    One or two round trips, in a savepoint that is rolled back. Views, foreign tables and single
    partitions are left out.
    """
    every = fillable(snapshot)
    namesakes = Namesakes(snapshot, every)
    natural = namesakes.references()
    references = {
        name: (*snapshot.tables[name].foreign_keys, *natural.get(name, ())) for name in every
    }
    joins = {name: tuple(namesakes.of(snapshot.tables[name])) for name in every}
    reached = {name: (*references[name], *joins[name]) for name in every}
    names = closure(reached, fillable(snapshot, tables))
    drafts = [_draft(snapshot.tables[name], snapshot) for name in names]
    with connection.transaction(force_rollback=True):
        pin_settings(connection, snapshot.schema)
        required = conditions(connection, snapshot, names)
        drafts = satisfy_checks(connection, drafts, required, {} if known is None else known)
    return _linked({d.table.name: _plan(d, references, joins, required) for d in drafts})


def fillable(snapshot: Snapshot, tables: Collection[str] | None = None) -> list[str]:
    """The tables, or those of them, that rows are put into."""
    return [
        name
        for name, table in snapshot.tables.items()
        if table.kind in _KINDS and not table.is_partition and (tables is None or name in tables)
    ]


def is_serial(column: Column) -> bool:
    return column.serial or column.identity is not None


def _draft(table: Table, snapshot: Snapshot) -> Draft:
    types = {
        name: value_type(column, snapshot)
        for name, column in table.columns.items()
        if column.generated is None
    }
    values = {name: numbered_value(name, type_) for name, type_ in types.items()}
    return Draft(table, types, values)


def _plan(
    draft: Draft,
    references: References,
    joins: References,
    required: Mapping[str, Sequence[Condition]],
) -> RowPlan:
    """A natural reference yields to a condition on its column, whose values were searched for."""
    table, columns = draft.table, draft.table.columns
    conditioned = frozenset[str]().union(*(one.columns for one in required[table.name]))
    followed = (
        key
        for key in references[table.name]
        if key in table.foreign_keys or not conditioned & set(key.columns)
    )
    problems = [
        f"{table.name}.{name}: no values of the type {columns[name].type} are known"
        for name, value in draft.values.items()
        if value is None and not columns[name].nullable and columns[name].default is None
    ]
    known = {name: value for name, value in draft.values.items() if value is not None}
    return RowPlan(
        table,
        tuple(followed),
        tuple(joins[table.name]),
        draft.types,
        {name: value for name, value in known.items() if not is_serial(columns[name])},
        {name: value for name, value in known.items() if is_serial(columns[name])},
        (*problems, *draft.problems),
    )


def _linked(plans: Mapping[str, RowPlan]) -> dict[str, RowPlan]:
    """Give the columns of foreign keys the values of what they refer to."""
    return {name: _linked_plan(plan, plans) for name, plan in plans.items()}


def _linked_plan(plan: RowPlan, plans: Mapping[str, RowPlan]) -> RowPlan:
    values = {
        name: _referred(plans, plan.table.name, name, ()) or value
        for name, value in plan.values.items()
    }
    return replace(plan, values=values)


def _referred(
    plans: Mapping[str, RowPlan], table: str, column: str, seen: Iterable[tuple[str, str]]
) -> str | None:
    """The expression at the end of a chain of foreign keys; None where the column has its own."""
    seen = (*seen, (table, column))
    for key in plans[table].references:
        if column not in key.columns or key.referenced_table not in plans:
            continue
        there = key.referenced_columns[key.columns.index(column)]
        if (key.referenced_table, there) in seen:
            continue
        further = _referred(plans, key.referenced_table, there, seen)
        return further or plans[key.referenced_table].explicit.get(there)
    return None
