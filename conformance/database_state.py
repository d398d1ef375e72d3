"""The whole state of a database, to show that something changed nothing: structure and rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog import Snapshot, differences, take_snapshot
from pytest_chopsticks.catalog.changes import TableAdded
from pytest_chopsticks.databases import Database
from pytest_chopsticks.violation import Violation

#: The version of every row, by table: where it lies and the transaction that wrote it.
RowVersions = Mapping[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """Structure, row versions and sequence positions of one schema."""

    snapshot: Snapshot
    row_versions: RowVersions
    sequences: Mapping[str, tuple[Any, ...]]

    def without_rows_of(self, tables: Collection[str]) -> DatabaseState:
        """The same, but for what is in these tables."""
        rows = {name: rows for name, rows in self.row_versions.items() if name not in tables}
        return replace(self, row_versions=rows)


def state_of(database: Database, schema: str) -> DatabaseState:
    """Look at everything in one schema through the suite's own role."""
    with database.observe() as connection:
        snapshot = take_snapshot(connection, schema)
        tables = [name for name, table in snapshot.tables.items() if table.kind == "ordinary"]
        rows = {name: row_versions(connection, schema, name) for name in tables}
        sequences = {name: _position(connection, schema, name) for name in snapshot.sequences}
    return DatabaseState(snapshot, rows, sequences)


def row_versions(
    connection: psycopg.Connection[Any], schema: str, table: str
) -> frozenset[tuple[str, str]]:
    """Return `ctid` and `xmin` of every row: even an update that changes no value changes them."""
    query = sql.SQL("SELECT ctid::text, xmin::text FROM {}").format(sql.Identifier(schema, table))
    return frozenset(connection.execute(query).fetchall())


def expect_unchanged(
    before: DatabaseState,
    after: DatabaseState,
    what: str,
    *,
    but_for: str | None = None,
    sequences: bool = True,
) -> None:
    """Raise a violation that names what is different, `but_for` the appearance of one table.

    Without `sequences` those may have moved: that is not undone with a transaction.
    """
    changed = list(_changes(before, after, but_for))
    if sequences:
        changed += _moved(before, after)
    if changed:
        raise Violation(
            expected=f"{what} changes nothing",
            actual="".join(f"\n  {sentence}" for sentence in changed),
        )


def _changes(before: DatabaseState, after: DatabaseState, but_for: str | None) -> Iterator[str]:
    for change in differences(before.snapshot, after.snapshot):
        if not (isinstance(change, TableAdded) and change.table == but_for):
            yield str(change)
    for table in before.row_versions.keys() & after.row_versions.keys():
        gone = len(before.row_versions[table] - after.row_versions[table])
        new = len(after.row_versions[table] - before.row_versions[table])
        if gone or new:
            yield f"rows of {table}: {gone} row versions are gone, {new} are new"


def _moved(before: DatabaseState, after: DatabaseState) -> Iterator[str]:
    for name in before.sequences.keys() & after.sequences.keys():
        if before.sequences[name] != after.sequences[name]:
            yield f"the sequence {name} has moved"


def _position(connection: psycopg.Connection[Any], schema: str, sequence: str) -> tuple[Any, ...]:
    query = sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(schema, sequence))
    return tuple(connection.execute(query).fetchone() or ())
