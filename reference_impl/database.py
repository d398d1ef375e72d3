"""The database an implementation is given, how it is connected to, and its transactions."""

import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
from psycopg.errors import ProgramLimitExceeded, StatementTooComplex
from psycopg.pq import TransactionStatus

from .rejections import Rejection

Connection = psycopg.Connection[tuple[Any, ...]]


class Database(Protocol):
    """Anything with a libpq connection string."""

    @property
    def dsn(self) -> str: ...


def connect(database: Database) -> Connection:
    """Open a connection in autocommit mode, so that every transaction is one that is written out.

    The encoding is fixed, because a PGCLIENTENCODING in the environment would decide otherwise.
    """
    return psycopg.connect(database.dsn, autocommit=True, client_encoding="utf8")


class Connections:
    """As many connections as there are operations under way at once, kept for the next ones.

    A connection that breaks fails the operation that was using it; the next one opens another.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Lend a connection in a READ COMMITTED transaction: committed at the end, or undone.

        Other isolation levels would answer concurrent writers with errors to try again on; here
        each operation locks the rows that it decides by, and needs no second try.
        """
        connection = self._take_idle() or self._open()
        try:
            with connection.transaction():
                yield connection
        except (ProgramLimitExceeded, StatementTooComplex) as error:
            # A text too long for its index, or JSON nested too deeply: the database says which.
            raise Rejection("invalid_text", str(error.diag.message_primary)) from error
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """Close the connections that are not in use."""
        while connection := self._take_idle():
            connection.close()

    def _open(self) -> Connection:
        connection = connect(self._database)
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return connection

    def _take_idle(self) -> Connection | None:
        with self._lock:
            while self._idle:
                connection = self._idle.pop()
                if not _has_something_to_say(connection):
                    return connection
                connection.close()
        return None

    def _give_back(self, connection: Connection) -> None:
        if connection.info.transaction_status is not TransactionStatus.IDLE:
            connection.close()
            return
        with self._lock:
            self._idle.append(connection)


class Area:
    """Base of the operations on one area of the schema: it borrows the connections of them all."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections


def _has_something_to_say(connection: Connection) -> bool:
    """What a server tells an idle client is as a rule that it ended the session."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
