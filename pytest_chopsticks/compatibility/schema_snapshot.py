"""Snapshots of a schema that may not be there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_chopsticks.catalog import Snapshot, take_snapshot
from pytest_chopsticks.errors import DatabaseUnavailable

if TYPE_CHECKING:
    import psycopg

    from pytest_chopsticks.catalog.known_tables import KnownTables


def snapshot_or_empty(
    connection: psycopg.Connection[Any], schema: str, known: KnownTables
) -> Snapshot:
    """The snapshot of `schema`; one without anything in it where there is no such schema."""
    try:
        return take_snapshot(connection, schema, known)
    except DatabaseUnavailable:
        return Snapshot(schema, {}, {}, {}, {}, ())
