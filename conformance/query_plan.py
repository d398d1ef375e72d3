"""Which indexes the planner uses for a query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from psycopg import sql


def indexes_used(
    connection: psycopg.Connection[Any], query: str, value: object
) -> Mapping[str, tuple[str, ...]]:
    """Return the names of the indexes in the query's plan, each with its key columns in order.

    `query` has at most one `%s`, for which `value` stands.
    """
    explain = sql.SQL("EXPLAIN (FORMAT JSON) " + query)
    parameters = [value] if "%s" in query else []
    row = connection.execute(explain, parameters).fetchone()
    assert row is not None
    names = {name for plan in row[0] for name in _names(plan["Plan"])}
    return {name: _key_columns(connection, name) for name in names}


def _names(plan: Mapping[str, Any]) -> Iterator[str]:
    if "Index Name" in plan:
        yield plan["Index Name"]
    for child in plan.get("Plans", ()):
        yield from _names(child)


def _key_columns(connection: psycopg.Connection[Any], index: str) -> tuple[str, ...]:
    rows = connection.execute(
        """
        SELECT a.attname
        FROM pg_class c
        JOIN pg_index i ON i.indexrelid = c.oid
        CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS key (attnum, position)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attnum
        WHERE c.relname = %s AND key.position <= i.indnkeyatts
        ORDER BY key.position
        """,
        [index],
    ).fetchall()
    return tuple(name for (name,) in rows)
