"""The rows that the statements of a corpus write, as constants, and what must be there first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.compatibility.contents.attempts import Attempt, attempt_all
from pytest_chopsticks.compatibility.contents.check_search import keys
from pytest_chopsticks.compatibility.contents.numbered_values import numbered
from pytest_chopsticks.compatibility.contents.references import closing_keys, insertion_order
from pytest_chopsticks.compatibility.contents.row_plans import RowPlan
from pytest_chopsticks.compatibility.old_clients import statement_shapes as shapes

#: Rows of the corpus have numbers that rows which are there do not.
FIRST_NUMBER = 2_000_040_001
NUMBERS = 3

#: A row: the text of each column's value, or None for NULL.
Row = Mapping[str, str | None]

_FINDING = {
    "text",
    "character varying",
    "uuid",
    "bigint",
    "integer",
    "date",
    "timestamp with time zone",
    "timestamp without time zone",
}
_WITHOUT_EQUALITY = {
    "json",
    "xml",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "tsquery",
}
_MOST_TO_FIND_BY = 2


@dataclass(frozen=True, slots=True)
class OldRows:
    """Rows number 1 to 3 of each table, by name, with the columns left to sequences too.

    The keys of `crowded` tables are taken by rows that are there, which have to go first.
    """

    schema: str
    plans: Mapping[str, RowPlan]
    rows: Mapping[str, Sequence[Row]]
    crowded: frozenset[str] = frozenset()

    def row(self, table: str, number: int) -> Row:
        """What an insert names."""
        plan = self.plans[table]
        return {name: self.rows[table][number - 1][name] for name in plan.values}

    def key(self, table: str, row: Row) -> dict[str, str | None]:
        """What finds a row: its natural key, or else values that are its own."""
        plan = self.plans[table]
        for columns in keys(plan.table):
            if all(row.get(name) is not None for name in columns):
                return {name: row[name] for name in columns}
        present = [name for name, value in row.items() if value is not None]
        own = [name for name in present if self._is_own(table, name)]
        never_null = [name for name in own if not plan.table.columns[name].nullable]
        comparable = [name for name in present if plan.types[name].name not in _WITHOUT_EQUALITY]
        found_by = never_null or own or comparable
        return {name: row[name] for name in found_by[:_MOST_TO_FIND_BY]}

    def found_by(self, table: str, row: Row, qualifier: str | None = None) -> sql.Composable:
        """The condition that finds a row; the newest one where it has no values of its own."""
        if key := self.key(table, row):
            return shapes.equal(literals(key), qualifier)
        parts = (qualifier,) if qualifier else ()
        for name in self.plans[table].fresh:
            return sql.SQL("{} = (SELECT max({}) FROM {})").format(
                sql.Identifier(*parts, name), sql.Identifier(name), self.identifier(table)
            )
        return sql.SQL("false")

    def _is_own(self, table: str, column: str) -> bool:
        type_ = self.plans[table].types[column]
        return type_.name in _FINDING and not type_.array

    def parents(self, table: str, number: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The inserts of what a row refers to: by declared keys, and by natural ones."""
        declared: dict[str, str] = {}
        natural: dict[str, str] = {}
        for name, is_declared in self._ancestors(table, True, {table}):
            texts = declared if is_declared else natural
            texts.setdefault(name, self.insert_whole(name, number))
        only_natural = (text for name, text in natural.items() if name not in declared)
        room = (self._make_room(n) for n in (table, *natural, *declared) if n in self.crowded)
        return tuple(declared.values()), (*room, *only_natural)

    def _make_room(self, table: str) -> str:
        """A delete of the rows that are there under the keys of ours."""
        taken = (
            shapes.equal(literals({name: row[name] for name in key}))
            for row in self.rows[table]
            for key in keys(self.plans[table].table)
            if all(row.get(name) is not None for name in key)
        )
        return text_of(shapes.delete(self.identifier(table), sql.SQL(" OR ").join(taken)))

    def insert_whole(self, table: str, number: int, changes: Row | None = None) -> str:
        """An insert of every value; those left to sequences too where rows refer to them."""
        row = {**self.row(table, number), **(changes or {})}
        plan = self.plans[table]
        referred = {
            name
            for other in self.plans.values()
            for key in other.references
            if key.referenced_table == table
            for name in key.referenced_columns
        }
        fresh = {n: self.rows[table][number - 1][n] for n in plan.fresh if n in referred}
        whole = {**fresh, **row}
        return text_of(shapes.insert(self.identifier(table), literals(whole), bool(fresh)))

    def identifier(self, table: str) -> sql.Identifier:
        return sql.Identifier(self.schema, table)

    def _ancestors(self, table: str, declared: bool, seen: set[str]) -> Iterator[tuple[str, bool]]:
        """Those referred to come first."""
        plan = self.plans[table]
        for key in plan.references:
            name = key.referenced_table
            unset = any(self.rows[table][0].get(column) is None for column in key.columns)
            if unset or name in seen or name not in self.plans:
                continue
            is_declared = declared and key in plan.table.foreign_keys
            yield from self._ancestors(name, is_declared, {*seen, name})
            yield name, is_declared


def old_rows(
    connection: psycopg.Connection[Any], schema: str, plans: Mapping[str, RowPlan]
) -> OldRows:
    """Have the server compute the rows; in a transaction whose settings are pinned."""
    attempts = [_values(plan) for plan in plans.values()]
    answers = attempt_all(connection, attempts)
    open_ended = _closing_columns(plans)
    rows = {
        name: tuple({**dict(row), **open_ended[name]} for row in answer.returned)
        for name, answer in zip(plans, answers, strict=True)
        if answer.sqlstate is None
    }
    return OldRows(schema, {name: plan for name, plan in plans.items() if name in rows}, rows)


def _closing_columns(plans: Mapping[str, RowPlan]) -> dict[str, Row]:
    """The columns that would close a cycle of references are NULL."""
    tables = {name: plan.table for name, plan in plans.items()}
    order = insertion_order(tables, {name: plan.references for name, plan in plans.items()})
    return {
        name: {
            column: None
            for key in closing_keys(plan.table, plan.references, order)
            for column in key.columns
            if plan.table.columns[column].nullable
        }
        for name, plan in plans.items()
    }


def literals(row: Row) -> dict[str, sql.Composable]:
    return {name: literal(value) for name, value in row.items()}


@lru_cache(4096)
def literal(value: str | None) -> sql.SQL:
    """The constant, spelled once: a corpus has the same ones over and over."""
    return sql.SQL(sql.Literal(value).as_string(None))


def text_of(composed: sql.Composable) -> str:
    return composed.as_string(None)


def _values(plan: RowPlan) -> Attempt:
    values = plan.explicit or {"": "NULL"}
    texts = (
        sql.SQL("({})::text AS {}").format(
            sql.SQL(numbered(value, "s.n")), sql.Identifier(name or "none")
        )
        for name, value in values.items()
    )
    numbers = sql.SQL("generate_series({}::bigint, {}::bigint) AS s (n)").format(
        sql.Literal(FIRST_NUMBER), sql.Literal(FIRST_NUMBER + NUMBERS - 1)
    )
    query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(texts), numbers)
    return Attempt(text_of(query), returns=True)
