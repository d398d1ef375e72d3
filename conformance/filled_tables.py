"""Rows in all tables of a database, whatever version it is at."""

from __future__ import annotations

from contextlib import suppress

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog import Snapshot, take_snapshot
from pytest_chopsticks.compatibility.contents import populate
from pytest_chopsticks.databases import Database

from .canonical_rows import canonical_row, prerequisites
from .canonical_schema import TABLES, Table
from .migration_history import RECORDS
from .schema_location import search_path

_ROWS = 3


def fill_tables(database: Database, schema: str) -> int:
    """Write rows, into the document's tables such as an application writes; how many."""
    with database.connect() as connection:
        connection.execute(search_path(schema))
        snapshot = take_snapshot(connection, schema)
        there = [table for table in TABLES if table.name in snapshot.tables]
        filled = [table for table in there if table.name != RECORDS]
        count = sum(_fill_table(connection, table, snapshot) for table in filled)
        others = snapshot.tables.keys() - {table.name for table in there}
        if others:
            population = populate(connection, snapshot, rows=_ROWS, tables=others)
            count += sum(population.rows.values())
    return count


def _fill_table(connection: psycopg.Connection[object], table: Table, snapshot: Snapshot) -> int:
    rows = [*prerequisites(table), *((table.name, canonical_row(table, n)) for n in range(_ROWS))]
    count = 0
    for name, row in rows:
        there = {key: row[key] for key in row if key in snapshot.tables[name].columns}
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
            sql.Identifier(name),
            sql.SQL(", ").join(map(sql.Identifier, there)),
            sql.SQL(", ").join(map(sql.Placeholder, there)),
        )
        # A version of its own may refuse what version 1.0.0 takes: then there is a row less.
        with suppress(psycopg.Error), connection.transaction():
            count += connection.execute(query, there).rowcount
    return count
