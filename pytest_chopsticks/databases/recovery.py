"""A server one of whose processes crashed ends every session, and takes none until it recovered."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from pytest_chopsticks.databases.database import Database

#: Seconds; without much to recover it takes a fraction of one.
PATIENCE = 30.0


def has_ended(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server has ended the session, found out without asking it anything."""
    with connection.lock:
        try:
            # Its farewell is read first, and then that nothing more will come.
            connection.pgconn.consume_input()
            connection.pgconn.consume_input()
        except psycopg.OperationalError:
            return True
    return False


def connected_again(database: Database) -> psycopg.Connection[Any]:
    """A new session of the suite's role in autocommit mode, as soon as the server takes it.

    Raises `psycopg.OperationalError` when there is no server any more.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return database.observe(autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > deadline or not _is_there(database):
                raise
            time.sleep(0.02)


def _is_there(database: Database) -> bool:
    endpoint = database.server.endpoint
    address = make_conninfo(host=endpoint.host, port=endpoint.port)
    return pq.PGconn.ping(address.encode()) in (pq.Ping.OK, pq.Ping.REJECT)
