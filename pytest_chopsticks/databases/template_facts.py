"""What a template's clones have in common: tables, their rows, sequences; read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

#: Bytes of a table up to which its rows are kept in memory, to put them back.
LARGEST_COPY = 8 << 20

_TABLES = """
SELECT c.oid, c.reltoastrelid, n.nspname, c.relname, pg_relation_size(c.oid),
       array(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               AND a.attgenerated = '' ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.oid >= 16384 AND n.nspname !~ '^pg_'
ORDER BY c.oid
"""

_SEQUENCES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND c.oid >= 16384 AND n.nspname !~ '^pg_' ORDER BY c.oid
"""

# Those that fire even where session_replication_role switches triggers and rules off.
_STUBBORN = """
SELECT EXISTS (SELECT FROM pg_trigger WHERE tgenabled IN ('A', 'R') AND oid >= 16384)
    OR EXISTS (SELECT FROM pg_rewrite WHERE ev_enabled IN ('A', 'R') AND oid >= 16384)
"""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table of the template; `rows` in COPY's text format, None where they are too many.

    `empty` is the statement that empties it.
    """

    oid: int
    toast: int
    name: sql.Identifier
    columns: sql.Composed
    rows: bytes | None
    empty: bytes


@dataclass(frozen=True, slots=True)
class SequenceFacts:
    """A sequence and the query that puts it back."""

    name: sql.Identifier
    restore: bytes


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What has to be there again after a test; `restorable` is false where that cannot be had."""

    tables: Mapping[int, TableFacts]
    sequences: tuple[SequenceFacts, ...]
    restorable: bool


def read_template_facts(connection: psycopg.Connection[Any]) -> TemplateFacts:
    """Read the facts from a fresh clone, through the suite's own role."""
    stubborn = connection.execute(_STUBBORN).fetchone()
    tables = [_table(connection, *row) for row in connection.execute(_TABLES).fetchall()]
    sequences = connection.execute(_SEQUENCES).fetchall()
    return TemplateFacts(
        tables={table.oid: table for table in tables},
        sequences=tuple(_sequence(connection, sql.Identifier(*row)) for row in sequences),
        restorable=stubborn == (False,),
    )


def _table(
    connection: psycopg.Connection[Any],
    oid: int,
    toast: int,
    schema: str,
    name: str,
    size: int,
    columns: list[str],
) -> TableFacts:
    table = sql.Identifier(schema, name)
    listed = sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
    rows = _rows(connection, table, listed, size)
    empty = sql.SQL("DELETE FROM ONLY {}").format(table)
    return TableFacts(oid, toast, table, listed, rows, empty.as_bytes(connection))


def _rows(
    connection: psycopg.Connection[Any], table: sql.Identifier, columns: sql.Composed, size: int
) -> bytes | None:
    if size == 0:
        return b""
    if size > LARGEST_COPY:
        return None
    with connection.cursor().copy(sql.SQL("COPY {} {} TO STDOUT").format(table, columns)) as copy:
        return b"".join(bytes(block) for block in copy)


def _sequence(connection: psycopg.Connection[Any], name: sql.Identifier) -> SequenceFacts:
    query = sql.SQL("SELECT last_value, is_called FROM {}").format(name)
    row = connection.execute(query).fetchone()
    assert row is not None
    text = sql.Literal(name.as_string(connection))
    restore = sql.SQL("SELECT setval({}, {}, {})").format(text, *map(sql.Literal, row))
    return SequenceFacts(name, restore.as_bytes(connection))
