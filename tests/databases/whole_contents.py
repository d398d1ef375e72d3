"""Everything in a database that anyone could see, to compare a recycled one with a fresh clone."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.databases import Database

# Changed by maintenance and by sessions, without meaning.
_STATISTICS = ("pg_statistic", "pg_statistic_ext_data")
_PHYSICAL = ("relfilenode", "relpages", "reltuples", "relallvisible", "relallfrozen",
             "relfrozenxid", "relminmxid")  # fmt: skip

_RELATIONS = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = ANY (%s) AND NOT c.relisshared
  AND (n.nspname = 'pg_catalog') = %s AND n.nspname NOT IN ('pg_toast', 'information_schema')
ORDER BY 1, 2
"""
_SETTINGS = """
SELECT array_agg(s::text ORDER BY s::text) FROM pg_db_role_setting s, pg_database d
WHERE d.datname = current_database() AND (setdatabase = d.oid OR setrole = d.datdba)
"""
_PROPERTIES = """
SELECT datallowconn, datconnlimit, datacl, shobj_description(oid, 'pg_database'), datdba
FROM pg_database WHERE datname = current_database()
"""
_SESSIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND state <> 'idle' AND backend_type = 'client backend'
"""
_LOCKS = """
SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE d.datname = current_database() AND pid <> pg_backend_pid()
"""


def whole_contents(database: Database) -> dict[str, Any]:
    """Every row of every catalog and table, sequences, large objects, settings and sessions."""
    with database.observe(autocommit=True) as connection:
        contents = {
            f"catalog {name}": _catalog(connection, schema, name)
            for schema, name in connection.execute(_RELATIONS, [["r"], True]).fetchall()
            if name not in _STATISTICS
        }
        contents |= {
            f"{schema}.{name}": _rows(connection, sql.SQL("*"), schema, name)
            for schema, name in connection.execute(_RELATIONS, [["r", "m"], False]).fetchall()
        }
        positions = sql.SQL("last_value, is_called")
        contents |= {
            f"sequence {schema}.{name}": _rows(connection, positions, schema, name)
            for schema, name in connection.execute(_RELATIONS, [["S"], False]).fetchall()
        }
        for title, query in (
            ("settings", _SETTINGS),
            ("properties", _PROPERTIES),
            ("sessions", _SESSIONS),
            ("locks", _LOCKS),
        ):
            contents[title] = connection.execute(query).fetchall()
    return contents


def difference(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What is not the same, by its name."""
    return {
        key: (one.get(key), other.get(key))
        for key in one.keys() | other.keys()
        if one.get(key) != other.get(key)
    }


def _catalog(connection: psycopg.Connection[Any], schema: str, name: str) -> list[Any]:
    query = sql.SQL("SELECT (to_jsonb(t) - %s::text[])::text FROM {} t ORDER BY 1")
    return connection.execute(
        query.format(sql.Identifier(schema, name)), [list(_PHYSICAL)]
    ).fetchall()


def _rows(
    connection: psycopg.Connection[Any], columns: sql.SQL, schema: str, name: str
) -> list[Any]:
    query = sql.SQL("SELECT t::text FROM (SELECT {} FROM ONLY {}) t ORDER BY 1")
    return connection.execute(query.format(columns, sql.Identifier(schema, name))).fetchall()
