"""Reads and writes rows of the document's tables through the suite's own connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from pytest_chopsticks.violation import Violation

from .canonical_schema import TABLES

Row = Mapping[str, Any]

#: By table of the document: how many rows it has, and a number that follows from their values.
Contents = Mapping[str, tuple[int, int]]


def rows_of(connection: psycopg.Connection[Any], table: str, **where: object) -> list[Row]:
    """The rows whose columns have these values, all columns."""
    query = sql.SQL("SELECT * FROM {}{}").format(sql.Identifier(table), _where(where))
    with connection.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(query, where).fetchall())


def row_of(connection: psycopg.Connection[Any], table: str, **where: object) -> Row:
    """The one row whose columns have these values."""
    rows = rows_of(connection, table, **where)
    if len(rows) != 1:
        raise Violation(
            expected=f"one row of {table} with {_told(where)}",
            actual=f"there are {len(rows)}" if rows else "there is none",
        )
    return rows[0]


def insert(connection: psycopg.Connection[Any], table: str, **row: object) -> None:
    """Write a row as an application of version 1.0.0 does, naming only the document's columns."""
    query = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Placeholder, row)),
    )
    connection.execute(query, row)


def contents(connection: psycopg.Connection[Any]) -> Contents:
    """What the tables of the document hold at this moment."""
    return {table: (rows, digest) for table, rows, digest in connection.execute(_CONTENTS)}


def expect_same_contents(before: Contents, after: Contents, what: str) -> None:
    """Raise a violation that names the tables in which rows went, came or changed their values."""
    if changed := [table for table in before if before[table] != after[table]]:
        raise Violation(
            expected=f"{what} leaves every table as it was",
            actual=f"the rows of {', '.join(changed)} are not what they were",
        )


def _where(columns: Mapping[str, object]) -> sql.Composed:
    if not columns:
        return sql.SQL("").format()
    parts = (sql.SQL("{} = {}").format(sql.Identifier(c), sql.Placeholder(c)) for c in columns)
    return sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(parts))


def _told(where: Mapping[str, object]) -> str:
    return ", ".join(f"{column} = {str(value)[:60]!r}" for column, value in where.items())


def _contents_query() -> bytes:
    query = sql.SQL(
        "SELECT {}, count(*), coalesce(sum(hashtextextended(row_of::text, 0)), 0) FROM {} AS row_of"
    )
    parts = [query.format(sql.Literal(table.name), sql.Identifier(table.name)) for table in TABLES]
    return sql.SQL(" UNION ALL ").join(parts).as_bytes()


_CONTENTS = _contents_query()
