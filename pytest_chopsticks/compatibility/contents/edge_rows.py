"""Rows that are unusual: at the edges of their types, NULL where NULL may be, odd keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from pytest_chopsticks.compatibility.contents.attempts import Attempt, attempt_all
from pytest_chopsticks.compatibility.contents.check_search import keys
from pytest_chopsticks.compatibility.contents.edge_values import edge_values
from pytest_chopsticks.compatibility.contents.insert_rows import insert_rows
from pytest_chopsticks.compatibility.contents.numbered_values import N, cast, literal
from pytest_chopsticks.compatibility.contents.row_plans import RowPlan

#: Rows where every column is at an edge; the first edge of each column is its largest value.
_EDGE_ROWS = 5


@dataclass(frozen=True, slots=True)
class UnusualRow:
    """A row to be: what its columns hold where that is not as usual."""

    plan: RowPlan
    number: int
    unusual: Mapping[str, str]


def insert_edge_rows(
    connection: psycopg.Connection[Any], schema: str, plans: Mapping[str, RowPlan], after: int
) -> None:
    """Insert what the tables accept of them, with numbers after `after`."""
    insert_unusual_rows(
        connection, schema, [row for plan in plans.values() for row in _rows(plan, after)], after
    )


def insert_unusual_rows(
    connection: psycopg.Connection[Any], schema: str, whole: Sequence[UnusualRow], after: int
) -> None:
    """Insert what the tables accept of the rows, whose numbers lie up to 99 after `after`.

    A row that is refused is tried again with one unusual column at a time.
    """
    refused = [
        row
        for row, answer in zip(
            whole, attempt_all(connection, [_insert(schema, row) for row in whole]), strict=True
        )
        if answer.sqlstate is not None
    ]
    single = [one for row in refused for one in _one_at_a_time(row, after)]
    attempt_all(connection, [_insert(schema, row) for row in single])


def _rows(plan: RowPlan, after: int) -> Iterator[UnusualRow]:
    nulls = {
        name: "NULL"
        for name in unusual_columns(plan)
        if plan.may_be_null(name) and name in plan.values
    }
    if nulls:
        yield UnusualRow(plan, after + 1, nulls)
    edges = edges_of(plan)
    most = max(map(len, edges.values()), default=0)
    for place in range(min(_EDGE_ROWS, most)):
        unusual = {name: values[place % len(values)] for name, values in edges.items()}
        yield UnusualRow(plan, after + 2 + place, unusual)
    if odd := _odd_keys(plan):
        yield UnusualRow(plan, after + 2 + _EDGE_ROWS, odd)


def _odd_keys(plan: RowPlan) -> dict[str, str]:
    """Texts of keys that lower(), trim() and the like would change."""
    referring = {name for key in plan.references for name in key.columns}
    return {
        name: cast(f"' Ungewöhnlich ' || {N} || ' '", plan.types[name])
        for columns in keys(plan.table)
        for name in columns
        if name in plan.values and name not in referring and plan.types[name].is_text
    }


def edges_of(plan: RowPlan) -> dict[str, tuple[str, ...]]:
    """The expressions of each column's edges, where it has any."""
    edges = {
        name: tuple(cast(literal(text), plan.types[name]) for text in edge_values(plan.types[name]))
        for name in unusual_columns(plan)
    }
    return {name: values for name, values in edges.items() if values}


def unusual_columns(plan: RowPlan) -> list[str]:
    """The columns that are free to hold something else: part of no key, referring to nothing."""
    table = plan.table
    bound = {name for columns in keys(table) for name in columns}
    bound |= {name for key in plan.references for name in key.columns}
    return [name for name in plan.values if name not in bound]


def _one_at_a_time(row: UnusualRow, after: int) -> Iterator[UnusualRow]:
    for place, (name, value) in enumerate(row.unusual.items()):
        number = after + 100 + (row.number - after) * 100 + place
        yield UnusualRow(row.plan, number, {name: value})


def _insert(schema: str, row: UnusualRow) -> Attempt:
    text = insert_rows(
        schema,
        row.plan,
        row.number,
        row.number,
        values={**row.plan.values, **row.unusual},
        follow=row.plan.references,
        skip_conflicts=False,
    )
    return Attempt(text, kept=True)
