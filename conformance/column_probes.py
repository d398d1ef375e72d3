"""What a column does when it is given NULL, or nothing at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.violation import Violation

from .canonical_rows import canonical_row
from .canonical_schema import Column, Table
from .row_probes import expect_refused, insert_and_read, insert_row, savepoint

_A_MINUTE = timedelta(minutes=1)
_NULL_OR_CHECK = "23"


def expect_nullability(connection: psycopg.Connection[Any], table: Table, column: Column) -> None:
    """Expect NULL to be accepted, or refused by the database, as the document says."""
    row = {**canonical_row(table, 1), column.name: None}
    what = f"{table.name}.{column.name} = NULL"
    if column.nullable:
        with savepoint(connection, what):
            insert_row(connection, table, row)
    else:
        expect_refused(connection, table, row, _NULL_OR_CHECK, what)


def expect_default(connection: psycopg.Connection[Any], table: Table, column: Column) -> None:
    """Expect a row that omits the column to hold the document's default, or to be refused."""
    if column.serial:
        _expect_serial(connection, table, column)
    elif column.required:
        what = f"a row of {table.name} without {column.name}"
        row = _without(table, column)
        expect_refused(connection, table, row, _NULL_OR_CHECK, what)
    else:
        _expect_value(connection, table, column)


def default_fits(connection: psycopg.Connection[Any], table: Table, column: Column) -> bool:
    """Whether the column's default is the document's."""
    try:
        expect_default(connection, table, column)
    except Violation:
        return False
    return True


def _expect_serial(connection: psycopg.Connection[Any], table: Table, column: Column) -> None:
    name = f"{table.name}.{column.name}"
    with savepoint(connection, f"rows of {table.name} without {column.name}"):
        first, second = (
            insert_and_read(connection, table, canonical_row(table, number), column.name)
            for number in (1, 2)
        )
        if not isinstance(first, int) or first == second:
            raise Violation(
                expected=f"each row that omits {name} gets a fresh integer",
                actual=f"two rows got {first!r} and {second!r}",
            )
    row = {column.name: 1_000_000, **canonical_row(table, 1)}
    with savepoint(connection, f"{name} = 1000000"):
        insert_row(connection, table, row)


def _expect_value(connection: psycopg.Connection[Any], table: Table, column: Column) -> None:
    name = f"{table.name}.{column.name}"
    with savepoint(connection, f"a row of {table.name} without {column.name}"):
        actual = insert_and_read(connection, table, _without(table, column), column.name)
        expected = _evaluate(connection, column)
        if not _same(actual, expected, volatile=column.default == "now()"):
            raise Violation(
                expected=f"a row that omits {name} has {column.default or 'NULL'} there",
                actual=f"it has {actual!r}",
            )


def _evaluate(connection: psycopg.Connection[Any], column: Column) -> Any:
    query = sql.SQL(f"SELECT ({column.default or 'NULL'})::{column.type}")
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def _same(actual: Any, expected: Any, *, volatile: bool) -> bool:
    if volatile:
        now = datetime.now(UTC)
        return isinstance(actual, datetime) and abs(now - actual) < _A_MINUTE
    return bool(actual == expected)


def _without(table: Table, column: Column) -> dict[str, Any]:
    row = canonical_row(table, 1)
    del row[column.name]
    return row
