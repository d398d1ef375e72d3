"""The suite's own session with a server, opened when it is needed, and anew after a crash."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

import psycopg

from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.databases.file_copying import let_files_be_cloned
from pytest_chopsticks.databases.recovery import connected_again, has_ended
from pytest_chopsticks.databases.role import Role
from pytest_chopsticks.errors import DatabaseUnavailable
from pytest_chopsticks.servers.server import Server

#: How often a question is put that the server ends the session over.
ATTEMPTS = 3

T = TypeVar("T")


class MaintenanceSession:
    """A session in autocommit mode that threads may share."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection: psycopg.Connection[Any] | None = None
        self._opening = Lock()

    def connection(self) -> psycopg.Connection[Any]:
        """The open connection; raises `DatabaseUnavailable` where there can be none."""
        with self._opening:
            before = self._connection
            if before is not None and not has_ended(before):
                return before
            self._connection = None
            self._connection = opened = self._open(again=before is not None)
            return opened

    def ask(self, question: Callable[[psycopg.Connection[Any]], T]) -> T:
        """Put a question, and put it again if the server ends the session over it."""
        for _ in range(ATTEMPTS - 1):
            connection = self.connection()
            try:
                return question(connection)
            except psycopg.OperationalError:
                if not has_ended(connection):
                    raise
        return question(self.connection())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self, *, again: bool) -> psycopg.Connection[Any]:
        own = Role(self._server.user, self._server.password)
        database = Database(self._server.maintenance_database, self._server, own)
        try:
            connection = connected_again(database) if again else database.observe(autocommit=True)
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable(f"cannot connect to {self._server}: {error}") from error
        let_files_be_cloned(connection, self._server)
        return connection
