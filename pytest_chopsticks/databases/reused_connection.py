"""One session of the owner that tests use in turn: connecting costs more than a test's rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg import pq

from pytest_chopsticks.databases.database import Database, reading_dates
from pytest_chopsticks.databases.direct_queries import run_each
from pytest_chopsticks.databases.traces import COUNTERS_SINCE, FLUSH

#: Undoes what a test may have left in a session: settings, locks, LISTEN, temporary tables.
_CLEAN = b"DISCARD ALL"


class ReusedConnection:
    """Lends the session under a new `psycopg.Connection` each time.

    A connection kept beyond its test is closed as far as its holder can tell, and what it was
    given (row factory, adapters, handlers, autocommit) stays with it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._session: pq.abc.PGconn | None = None

    @property
    def open_sessions(self) -> list[pq.abc.PGconn]:
        """The session, if there is one that is not lent: idle, as if new."""
        return [self._session] if self._session else []

    @contextmanager
    def lent(self) -> Iterator[psycopg.Connection[Any]]:
        """Lend the session; afterwards it is as if new, or gone if it cannot be made so."""
        idle, self._session = self._session, None
        lent = reading_dates(psycopg.Connection(idle)) if idle else self._database.connect()
        try:
            yield lent
        finally:
            self._take_back(lent)

    def close(self) -> None:
        if self._session is not None:
            self._session.finish()
            self._session = None

    def _take_back(self, lent: psycopg.Connection[Any]) -> None:
        session = lent.pgconn
        if session.status != pq.ConnStatus.OK or lent.closed:
            return
        if not _cleaned(session):
            lent.close()
            return
        self._session = _detached(lent)


def _detached(connection: psycopg.Connection[Any]) -> pq.abc.PGconn:
    """Take the session out of a connection, which then is closed."""
    session, connection.pgconn = connection.pgconn, _closed_session()
    return session


def _cleaned(session: pq.abc.PGconn) -> bool:
    """Have the session as if new, and what it has written counted; false if that cannot be."""
    if session.transaction_status not in _BETWEEN_STATEMENTS or session.pipeline_status:
        return False
    idle = session.transaction_status == pq.TransactionStatus.IDLE
    statements = [_CLEAN] if idle else [b"ROLLBACK", _CLEAN]
    if session.server_version >= COUNTERS_SINCE:
        statements.append(FLUSH)
    try:
        run_each(session, statements)
    except psycopg.Error:
        return False
    return True


_BETWEEN_STATEMENTS = (
    pq.TransactionStatus.IDLE,
    pq.TransactionStatus.INTRANS,
    pq.TransactionStatus.INERROR,
)


@cache
def _closed_session() -> pq.abc.PGconn:
    session = pq.PGconn.connect_start(b"host=/nonexistent")
    session.finish()
    return session
