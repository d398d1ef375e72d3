"""Databases that belong to an ordinary role, in which tests make tables and migrate them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg

from pytest_chopsticks.databases import DatabaseProvider, Role
from pytest_chopsticks.servers import Server

_RUNS = count()

Connection = psycopg.Connection[Any]


@contextmanager
def owner_connection(server: Server, *ddl: str) -> Iterator[Connection]:
    """A connection of the owner to a database of its own, after the statements."""
    with (
        DatabaseProvider(server, Role("old_client", "pw"), run=f"compat{next(_RUNS)}") as provider,
        provider.empty() as database,
        database.connect(autocommit=True) as connection,
    ):
        for statement in ddl:
            connection.execute(statement.encode())
        yield connection
