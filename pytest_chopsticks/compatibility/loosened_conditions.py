"""Whether a table now takes values that it used to refuse, found by trying some."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from pytest_chopsticks.compatibility.policy import columns_of_check

if TYPE_CHECKING:
    from pytest_chopsticks.catalog.structure import CheckConstraint, Table

_TEXT = re.compile(r"'((?:[^']|'')*)'")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")

#: SQLSTATEs by which a table refuses a NULL: NOT NULL, CHECK.
_REFUSALS = ("23502", "23514")


def takes_null(connection: psycopg.Connection[Any], schema: str, table: str, column: str) -> bool:
    """Whether a row of the table may hold a NULL there; true as well where no row could tell."""
    name, where = sql.Identifier(schema, table), sql.Identifier(column)
    statement = sql.SQL(
        "UPDATE {0} SET {1} = NULL WHERE ctid = (SELECT ctid FROM {0} LIMIT 1)"
    ).format(name, where)
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement, prepare=False)
    except psycopg.Error as error:
        return error.sqlstate not in _REFUSALS
    return True


def takes_more(
    connection: psycopg.Connection[Any],
    schema: str,
    table: Table,
    before: CheckConstraint,
    after: CheckConstraint,
) -> bool:
    """Whether some value that the new check mentions passes it and would not have passed the old.

    The values are tried one by one in the columns of rows that are there; numbers with their
    neighbours, since a bound may be exclusive.
    """
    columns = columns_of_check(after, table)
    return any(
        _passes(connection, schema, table, column, value, before, after)
        for column in columns
        for value in _values(after.expression)
    )


def _values(expression: str) -> Iterator[str]:
    yield from (text.replace("''", "'") for text in _TEXT.findall(expression))
    for number in map(Decimal, _NUMBER.findall(expression.replace("'", " "))):
        step = Decimal(1).scaleb(int(number.as_tuple().exponent))
        yield from (f"{one:f}" for one in (number, number - step, number + step))


def _passes(
    connection: psycopg.Connection[Any],
    schema: str,
    table: Table,
    column: str,
    value: str,
    before: CheckConstraint,
    after: CheckConstraint,
) -> bool:
    """One value in one column of a few rows; a value of another type passes nothing."""
    row = sql.SQL(", ").join(
        sql.SQL("CAST({} AS {}) AS {}").format(
            sql.Literal(value), sql.SQL(table.columns[name].type), sql.Identifier(name)
        )
        if name == column
        else sql.Identifier(name)
        for name in table.columns
    )
    query = sql.SQL(
        "SELECT coalesce(bool_or(({}) AND NOT ({})), false) FROM (SELECT {} FROM {} LIMIT 5) t"
    ).format(
        sql.SQL(after.expression),
        sql.SQL(before.expression),
        row,
        sql.Identifier(schema, table.name),
    )
    try:
        with connection.transaction(force_rollback=True):
            found = connection.execute(query, prepare=False).fetchone()
    except psycopg.Error:
        return False
    return bool(found and found[0])
