"""Transactions of the version before, open while a migration runs outside a transaction.

What a statement such as CREATE INDEX CONCURRENTLY locks is gone when it has ended. So a second
session holds what a writer holds, ROW EXCLUSIVE on every table that was there before, and a third
one looks what the migration waits for. Then the writer ends, and the statement goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from pytest_chopsticks.compatibility.watching.lock_modes import LOCK_MODES, stronger

if TYPE_CHECKING:
    from pytest_chopsticks.databases import Database

_PAUSE_S = 0.005
_WAITING = """
SELECT l.mode, c.relname FROM pg_catalog.pg_locks l
LEFT JOIN pg_catalog.pg_class c ON l.locktype = 'relation' AND c.oid = l.relation
WHERE l.pid = %s AND NOT l.granted
"""


class OldTransactions:
    """One writer's transaction at a time, on `tables` (schema, name), against backend `pid`."""

    def __init__(
        self,
        writer: psycopg.Connection[Any],
        watcher: psycopg.Connection[Any],
        pid: int,
        tables: Sequence[tuple[str, str]],
    ) -> None:
        self._writer = writer
        self._watcher = watcher
        self._pid = pid
        self._tables = tables
        self._waited_for: dict[str, str] = {}
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def pids(self) -> tuple[int, int]:
        return self._writer.info.backend_pid, self._watcher.info.backend_pid

    def begin(self) -> None:
        """Open the writer's transaction; it ends as soon as the migration waits."""
        self._waited_for = {}
        self._over.clear()
        self._lock_tables()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> Mapping[str, str]:
        """End it; which locks the statement waited for, by table."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._writer.rollback()
        return self._waited_for

    def _lock_tables(self) -> None:
        """Those that are still there: an earlier statement may have dropped some."""
        self._writer.execute("SELECT 1")
        for schema, name in self._tables:
            statement = sql.SQL("LOCK TABLE {} IN ROW EXCLUSIVE MODE NOWAIT")
            try:
                with self._writer.transaction():
                    self._writer.execute(statement.format(sql.Identifier(schema, name)))
            except psycopg.Error:
                continue

    def _watch(self) -> None:
        while not self._over.is_set():
            waiting = self._watcher.execute(_WAITING, [self._pid], prepare=False).fetchall()
            if waiting:
                self._note(waiting)
                self._writer.rollback()
                # A statement may wait for one table after another.
                self._wait_until_it_goes_on()
            time.sleep(_PAUSE_S)

    def _note(self, waiting: Sequence[tuple[str, str | None]]) -> None:
        for mode, table in waiting:
            if table is not None:
                known = stronger(self._waited_for.get(table), LOCK_MODES[mode])
                self._waited_for[table] = known or LOCK_MODES[mode]

    def _wait_until_it_goes_on(self) -> None:
        while not self._over.is_set():
            if not self._watcher.execute(_WAITING, [self._pid], prepare=False).fetchall():
                return
            time.sleep(_PAUSE_S)


@contextmanager
def old_transactions(
    database: Database, pid: int, tables: Sequence[tuple[str, str]]
) -> Iterator[OldTransactions]:
    """Open the two sessions for as long as a migration runs."""
    with database.connect() as writer, database.observe(autocommit=True) as watcher:
        old = OldTransactions(writer, watcher, pid, tables)
        try:
            yield old
        finally:
            old.end()
