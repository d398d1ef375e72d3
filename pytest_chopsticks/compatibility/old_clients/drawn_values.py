"""Values for placeholders: of rows that are there, or of a row that an insert may add."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog.structure import Snapshot
from pytest_chopsticks.compatibility.old_clients.old_rows import Row

#: For what is known of no column, by pg_type.typcategory.
_BY_CATEGORY: Mapping[str, str] = {
    "A": "{}",
    "B": "true",
    "D": "2020-01-01",
    "I": "10.0.0.1",
    "N": "1",
    "R": "empty",
    "S": "x",
    "T": "1 day",
    "V": "1",
}
_BY_TYPE: Mapping[str, str] = {
    "json": "{}",
    "jsonb": "{}",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "bytea": "\\x00",
    "time": "12:00",
}


def existing_rows(
    connection: psycopg.Connection[Any], snapshot: Snapshot, tables: list[str]
) -> dict[str, Row]:
    """One row of each table as texts, one with few NULLs; none of a table that is empty."""
    found: dict[str, Row] = {}
    for name in tables:
        columns = snapshot.tables[name].columns
        query = sql.SQL("SELECT {} FROM {} ORDER BY num_nulls({}), 1 LIMIT 1").format(
            sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(c)) for c in columns),
            sql.Identifier(snapshot.schema, name),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
        )
        with psycopg.Cursor(connection) as cursor:
            row = cursor.execute(query).fetchone()
        if row is not None:
            found[name] = dict(zip(columns, row, strict=True))
    return found


def usual_value(type_name: str, category: str) -> str | None:
    """A value of the type, where no column says more."""
    return _BY_TYPE.get(type_name) or _BY_CATEGORY.get(category)


def as_array(value: str | None, category: str) -> str | None:
    """A value of a column as the array that `= ANY ($1)` wants."""
    if value is None or category != "A" or value.startswith("{"):
        return value
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{"{quoted}"}}'
