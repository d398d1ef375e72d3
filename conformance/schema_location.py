"""Finds the schema in which an implementation keeps its tables, under whatever search_path."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from .canonical_schema import TABLES


def locate_schema(connection: psycopg.Connection[Any]) -> str:
    """Return the schema with most of the document's tables; `public` where there are none."""
    row = connection.execute(
        """
        SELECT n.nspname
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relname = ANY (%s) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        GROUP BY n.nspname
        ORDER BY count(*) DESC, n.nspname = 'public' DESC, n.nspname
        LIMIT 1
        """,
        [[table.name for table in TABLES]],
    ).fetchone()
    return str(row[0]) if row else "public"


def search_path(schema: str) -> sql.Composed:
    """The statement that lets the document's names be written without a schema."""
    return sql.SQL("SET search_path TO {}, public").format(sql.Identifier(schema))
