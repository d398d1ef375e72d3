"""A run is known to live for as long as it does, whatever becomes of its session."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.databases import Database, Role
from pytest_chopsticks.databases.sign_of_life import sign_of_life
from pytest_chopsticks.servers import Server

_HOLDERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"


@pytest.fixture
def database(each_postgres: Server) -> Database:
    return Database("postgres", each_postgres, Role(each_postgres.user, ""))


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.observe(autocommit=True) as connection:
        yield connection


def holders(connection: psycopg.Connection[Any]) -> list[int]:
    return [pid for (pid,) in connection.execute(_HOLDERS)]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_session_that_was_ended_is_opened_again(
    database: Database, connection: psycopg.Connection[Any]
) -> None:
    with sign_of_life(database, secrets.token_hex(4)):
        [first] = holders(connection)
        connection.execute("SELECT pg_terminate_backend(%s)", [first])
        wait_until(lambda: holders(connection) not in ([], [first]))


def test_session_before_that_the_server_still_has_hinders_nobody(
    database: Database, connection: psycopg.Connection[Any]
) -> None:
    """A connection may be lost on the way without the server's knowledge."""
    run = secrets.token_hex(4)
    with sign_of_life(database, run), sign_of_life(database, run):
        assert len(holders(connection)) == 2


def test_session_ends_with_the_context(
    database: Database, connection: psycopg.Connection[Any]
) -> None:
    with sign_of_life(database, secrets.token_hex(4)):
        pass
    wait_until(lambda: not holders(connection))


def test_end_while_no_session_can_be_opened(
    database: Database, connection: psycopg.Connection[Any]
) -> None:
    connection.execute("CREATE DATABASE beside")
    try:
        with sign_of_life(Database("beside", database.server, database.role), "1"):
            connection.execute("DROP DATABASE beside WITH (FORCE)")
    finally:
        connection.execute("DROP DATABASE IF EXISTS beside")
    assert holders(connection) == []
