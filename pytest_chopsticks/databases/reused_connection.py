"""One session of the owner that tests use in turn: connecting costs more than a test's rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg import pq

from pytest_chopsticks.databases.database import Database

_CLEAN = (b"ROLLBACK", b"DISCARD ALL")


class ReusedConnection:
    """Lends the session under a new `psycopg.Connection` each time.

    A connection kept beyond its test is closed as far as its holder can tell, and what it was
    given (row factory, adapters, handlers, autocommit) stays with it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: psycopg.Connection[Any] | None = None

    @property
    def open_connections(self) -> list[psycopg.Connection[Any]]:
        """The session, if there is one, under a connection of our own."""
        return [self._connection] if self._connection else []

    @contextmanager
    def lent(self) -> Iterator[psycopg.Connection[Any]]:
        """Lend the session; afterwards it is as if new, or gone if it cannot be made so."""
        idle, self._connection = self._connection, None
        lent = psycopg.Connection(_detached(idle)) if idle else self._database.connect()
        try:
            yield lent
        finally:
            self._take_back(lent)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _take_back(self, lent: psycopg.Connection[Any]) -> None:
        session = lent.pgconn
        if session.status != pq.ConnStatus.OK or lent.closed:
            return
        if not _cleaned(session):
            lent.close()
            return
        self._connection = psycopg.Connection(_detached(lent))
        self._connection.autocommit = True


def _detached(connection: psycopg.Connection[Any]) -> pq.abc.PGconn:
    """Take the session out of a connection, which then is closed."""
    session, connection.pgconn = connection.pgconn, _closed_session()
    return session


def _cleaned(session: pq.abc.PGconn) -> bool:
    """Undo what a test may have left in the session: settings, locks, LISTEN, temporary tables."""
    if session.transaction_status not in _BETWEEN_STATEMENTS:
        return False
    idle = session.transaction_status == pq.TransactionStatus.IDLE
    statements = _CLEAN[1:] if idle else _CLEAN
    return all(
        session.exec_(statement).status == pq.ExecStatus.COMMAND_OK for statement in statements
    )


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
