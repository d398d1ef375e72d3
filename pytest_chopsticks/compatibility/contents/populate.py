"""Fills tables with rows that honour every constraint."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog.structure import ForeignKey, Snapshot, Table
from pytest_chopsticks.compatibility.contents.attempts import (
    Answer,
    Attempt,
    attempt_all,
    pin_settings,
)
from pytest_chopsticks.compatibility.contents.check_search import Solutions
from pytest_chopsticks.compatibility.contents.edge_rows import insert_edge_rows
from pytest_chopsticks.compatibility.contents.insert_rows import insert_rows
from pytest_chopsticks.compatibility.contents.references import closing_keys, insertion_order
from pytest_chopsticks.compatibility.contents.row_plans import RowPlan, fillable, plan_rows

#: What is tried row by row where all rows at once are refused.
_SINGLY = 40


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A table that holds no row, or lacks some kind of them, and why."""

    table: str
    reason: str

    def __str__(self) -> str:
        return f"{self.table}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Population:
    """How many rows each table got, and what could not be filled."""

    rows: Mapping[str, int]
    unfilled: tuple[Unfilled, ...]


def populate(
    connection: psycopg.Connection[Any],
    snapshot: Snapshot,
    *,
    rows: int = 20,
    seed: int = 0,
    tables: Collection[str] | None = None,
    known: Solutions | None = None,
) -> Population:
    """Insert about `rows` rows into each table, or each of `tables`, that holds fewer.

    Rows honour types, checks, unique and exclusion constraints, foreign keys, domains, partition
    bounds and forced row security. A few more have values at the edges of their types, and NULL
    where NULL may be. The same snapshot, `rows` and `seed` give the same rows. Tables referred to
    are filled too where they are empty. Runs as the connection's role, in a transaction or
    savepoint of its own, and writes nothing but rows.
    """
    plans = plan_rows(connection, snapshot, tables, known)
    with connection.transaction():
        pin_settings(connection, snapshot.schema)
        there = _count(connection, snapshot.schema, plans, rows)
        wanted = set(fillable(snapshot, tables))
        short = {
            name: plan
            for name, plan in plans.items()
            if there[name] < rows and (name in wanted or not there[name])
        }
        work = _Work(snapshot.schema, short, there, rows, seed)
        refusals = _fill(connection, work)
        held = _count(connection, snapshot.schema, short, None)
        _defer_again(connection, snapshot)
    return Population(
        {name: count - there[name] for name, count in held.items()},
        tuple(_unfilled(work, held, refusals)),
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """The tables to fill, with how many rows they hold already."""

    schema: str
    plans: Mapping[str, RowPlan]
    there: Mapping[str, int]
    rows: int
    seed: int

    @property
    def order(self) -> list[tuple[str, ...]]:
        tables = {name: plan.table for name, plan in self.plans.items()}
        return insertion_order(tables, {n: plan.references for n, plan in self.plans.items()})

    def first(self, name: str) -> int:
        """Numbers continue where the rows that are there ended."""
        return 1 + self.seed * 100_003 + self.there[name]

    @property
    def last(self) -> int:
        return self.seed * 100_003 + self.rows


def _fill(connection: psycopg.Connection[Any], work: _Work) -> dict[str, str]:
    """Fill in order, and return what the server said of tables where all was refused."""
    order = work.order
    attempts = [_whole_group(work, group, order) for group in order]
    refusals: dict[str, str] = {}
    for group, answer in zip(order, attempt_all(connection, attempts), strict=True):
        if answer.sqlstate is not None:
            refusals |= _fill_otherwise(connection, work, group, order, answer)
    attempt_all(connection, [*_closing_updates(work, order), *_sequences_moved(work, order)])
    insert_edge_rows(connection, work.schema, work.plans, work.last)
    return refusals


def _whole_group(
    work: _Work,
    group: Sequence[str],
    order: Sequence[Sequence[str]],
    numbers: tuple[int, int] | None = None,
    *,
    skip_conflicts: bool = True,
) -> Attempt:
    """One statement for tables that need each other; foreign keys are checked at its end."""
    texts = [
        _insert(work, name, group, order, numbers, skip_conflicts=skip_conflicts) for name in group
    ]
    *others, last = texts
    parts = ", ".join(f"part_{place} AS ({text})" for place, text in enumerate(others))
    return Attempt(f"WITH {parts} {last}" if parts else last, kept=True)


def _insert(
    work: _Work,
    name: str,
    group: Sequence[str],
    order: Sequence[Sequence[str]],
    numbers: tuple[int, int] | None,
    *,
    skip_conflicts: bool,
) -> str:
    plan = work.plans[name]
    closing = closing_keys(plan.table, plan.references, order)
    inside = [key for key in plan.references if key.referenced_table in group]
    left_out = {column for key in closing for column in key.columns}
    values = plan.explicit if any(key not in closing for key in inside) else dict(plan.values)
    first, last = numbers or (work.first(name), work.last)
    return insert_rows(
        work.schema,
        plan,
        first,
        last,
        values={
            column: value
            for column, value in values.items()
            if column not in left_out or not plan.table.columns[column].nullable
        },
        follow=[k for k in plan.references if k not in closing and k not in inside],
        skip_conflicts=skip_conflicts,
    )


def _fill_otherwise(
    connection: psycopg.Connection[Any],
    work: _Work,
    group: Sequence[str],
    order: Sequence[Sequence[str]],
    refused: Answer,
) -> dict[str, str]:
    """Without ON CONFLICT, which deferrable keys do not go with; then row by row."""
    plain = _whole_group(work, group, order, skip_conflicts=False)
    if attempt_all(connection, [plain])[0].sqlstate is None:
        return {}
    first = min(work.first(name) for name in group)
    singly = [
        _whole_group(work, group, order, (number, number), skip_conflicts=False)
        for number in range(first, first + min(work.rows, _SINGLY))
    ]
    answers = attempt_all(connection, singly)
    if any(answer.sqlstate is None for answer in answers):
        return {}
    return dict.fromkeys(group, f"{refused.message} (SQLSTATE {refused.sqlstate})")


_MOVE = sql.SQL(
    "SELECT setval(pg_get_serial_sequence({name}, {column}), max({identifier})) FROM {table}"
    " HAVING max({identifier}) IS NOT NULL"
)


def _sequences_moved(work: _Work, order: Sequence[Sequence[str]]) -> list[Attempt]:
    """Sequences continue after the rows that were written by their numbers."""
    by_number = (
        work.plans[name]
        for group in order
        for name in group
        if any(key.referenced_table in group for key in work.plans[name].references)
    )
    return [
        Attempt(_sequence_moved(work.schema, plan.table.name, column), kept=True)
        for plan in by_number
        for column in plan.fresh
    ]


def _sequence_moved(schema: str, table: str, column: str) -> str:
    identifier = sql.Identifier(schema, table)
    return _MOVE.format(
        name=sql.Literal(identifier.as_string(None)),
        column=sql.Literal(column),
        identifier=sql.Identifier(column),
        table=identifier,
    ).as_string(None)


_CLOSE = sql.SQL(
    "UPDATE {table} AS t SET ({columns}) = ROW({values}) FROM"
    " (SELECT ctid AS here, tableoid AS part, row_number() OVER (ORDER BY ctid) AS place"
    " FROM {table}) AS s"
    " JOIN (SELECT row_number() OVER (ORDER BY {there}) AS place, {there} FROM {parent}"
    " WHERE ({there}) IS NOT NULL) AS p"
    " ON p.place = 1 + (s.place / 2) % (SELECT count(*) FROM {parent})"
    " WHERE t.ctid = s.here AND t.tableoid = s.part AND s.place % 2 = 0"
)


def _closing_updates(work: _Work, order: Sequence[Sequence[str]]) -> list[Attempt]:
    """Let half of the rows refer to what was not there when they were written."""
    return [
        Attempt(_closing_update(work.schema, plan.table, key), kept=True)
        for plan in work.plans.values()
        for key in closing_keys(plan.table, plan.references, order)
    ]


def _closing_update(schema: str, table: Table, key: ForeignKey) -> str:
    there = sql.SQL(", ").join(map(sql.Identifier, key.referenced_columns))
    return _CLOSE.format(
        table=sql.Identifier(schema, table.name),
        parent=sql.Identifier(schema, key.referenced_table),
        columns=sql.SQL(", ").join(map(sql.Identifier, key.columns)),
        values=sql.SQL(", ").join(sql.Identifier("p", name) for name in key.referenced_columns),
        there=there,
    ).as_string(None)


def _defer_again(connection: psycopg.Connection[Any], snapshot: Snapshot) -> None:
    """Undo, for the rest of the caller's transaction, that deferred constraints had to speak."""
    deferred = [
        sql.Identifier(snapshot.schema, name)
        for table in snapshot.tables.values()
        for name in _deferred_constraints(table)
    ]
    if deferred:
        names = sql.SQL(", ").join(deferred)
        connection.execute(sql.SQL("SET CONSTRAINTS {} DEFERRED").format(names))


def _deferred_constraints(table: Table) -> Iterator[str]:
    yield from (key.name for key in table.foreign_keys if key.initially_deferred)
    yield from (key.name for key in table.unique_constraints if key.initially_deferred)


def _count(
    connection: psycopg.Connection[Any], schema: str, names: Iterable[str], most: int | None
) -> dict[str, int]:
    """Count rows, up to `most` in each table; a table that may not be read counts as empty."""
    limit = "" if most is None else f" LIMIT {most}"
    counted = list(names)
    attempts = [
        Attempt(
            sql.SQL("SELECT count(*) FROM (SELECT FROM {}{}) AS few")
            .format(sql.Identifier(schema, name), sql.SQL(limit))
            .as_string(None),
            returns=True,
        )
        for name in counted
    ]
    answers = attempt_all(connection, attempts)
    return {
        name: answer.returned[0][0][1] if answer.returned else 0
        for name, answer in zip(counted, answers, strict=True)
    }


def _unfilled(
    work: _Work, held: Mapping[str, int], refusals: Mapping[str, str]
) -> Iterable[Unfilled]:
    for name, plan in work.plans.items():
        yield from (Unfilled(name, problem.removeprefix(f"{name}: ")) for problem in plan.problems)
        if held[name] == 0:
            reason = refusals.get(name, "its rows are not stored")
            yield Unfilled(name, f"no row could be written: {reason}")
