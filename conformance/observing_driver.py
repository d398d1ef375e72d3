"""Watches over the two immutable tables while the tests of every area call operations.

Their row versions are compared after each call, so that even an update that changes no value is
seen, whichever test runs.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.implementations import Outcome
from pytest_chopsticks.implementations.implementation import Driver
from pytest_chopsticks.violation import Violation

from .database_state import RowVersions, row_versions

#: The requirement that a change of each table violates.
REQUIREMENTS: Mapping[str, str] = {
    "schema_migrations": "migrations.records-never-change",
    "transaction_log": "economy.log-append-only",
}


class ImmutableRows:
    """Knows every row version of the immutable tables, and remembers the first one that goes.

    `connection` is its own, in autocommit mode, because calls in several threads look at once.
    """

    def __init__(self, connection: psycopg.Connection[Any], schema: str) -> None:
        self._connection = connection
        self._schema = schema
        self._lock = threading.Lock()
        self._violation: Violation | None = None
        self._digest = _digest_of(connection, schema)
        self._digests = self._read_digests()
        self._known = self._read_rows()

    def look(self, operation: str) -> None:
        """Compare with what was there before; what `operation` added is known from now on."""
        with self._lock:
            digests = self._read_digests()
            if digests == self._digests or self._violation:
                return
            self._digests, before, self._known = digests, self._known, self._read_rows()
            for table, rows in before.items():
                if gone := rows - self._known[table]:
                    self._violation = _changed(table, len(gone), len(rows), operation)

    @property
    def violation(self) -> Violation | None:
        """What was seen, if anything, on behalf of the table's own requirement."""
        return self._violation

    def expect_untouched(self) -> None:
        """Raises the violation that was seen, if any."""
        if self._violation:
            raise self._violation

    def _read_digests(self) -> list[tuple[Any, ...]]:
        return self._connection.execute(self._digest).fetchall()

    def _read_rows(self) -> RowVersions:
        return {
            table: row_versions(self._connection, self._schema, table) for table in REQUIREMENTS
        }


@dataclass(frozen=True, slots=True)
class ObservingDriver:
    """A driver whose every call is followed by a look at the immutable tables."""

    driver: Driver
    immutable_rows: ImmutableRows

    def call(self, operation: str, /, **arguments: object) -> Outcome:
        try:
            return self.driver.call(operation, **arguments)
        finally:
            self.immutable_rows.look(operation)


def _digest_of(connection: psycopg.Connection[Any], schema: str) -> bytes:
    """The query for two numbers per table, of which any write changes one.

    An insert raises the count and a delete lowers it; an update writes a later transaction's id.
    """
    query = sql.SQL("SELECT count(*), sum(xmin::text::bigint) FROM {}")
    parts = (query.format(sql.Identifier(schema, table)) for table in REQUIREMENTS)
    return sql.SQL(" UNION ALL ").join(parts).as_bytes(connection)


def _changed(table: str, gone: int, rows: int, operation: str) -> Violation:
    return Violation(
        expected=f"{operation} leaves every row of {table} as it is",
        actual=f"{gone} of {rows} rows were updated or deleted, be it to the same values",
        requirement=REQUIREMENTS[table],
    )
