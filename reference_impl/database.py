"""The database an implementation is given, and how it is connected to."""

from typing import Any, Protocol

import psycopg

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
