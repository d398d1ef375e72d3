"""A schema of one's own in a database of this run, on one version or on each."""

from __future__ import annotations

import uuid
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
import pytest
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pytest_chopsticks.servers import Server

    Connection = psycopg.Connection[Any]


@pytest.fixture(scope="session")
def scratch_database(all_postgres: Mapping[int, Server]) -> Iterator[Callable[[int], str]]:
    """Gives a connection string to this run's database on a version, made when first asked for."""
    created: dict[int, str] = {}
    name = f"catalog_{uuid.uuid4().hex}"

    def database(version: int) -> str:
        if version not in created:
            _execute(_conninfo(all_postgres[version], "postgres"), "CREATE DATABASE {}", name)
            created[version] = _conninfo(all_postgres[version], name)
        return created[version]

    yield database
    for version in created:
        _execute(_conninfo(all_postgres[version], "postgres"), "DROP DATABASE {}", name)


@pytest.fixture
def connection(
    all_postgres: Mapping[int, Server], scratch_database: Callable[[int], str]
) -> Iterator[Connection]:
    """An autocommitting connection to the newest version, in an empty schema of its own."""
    with _in_schema(scratch_database(max(all_postgres)), "scratch") as connection:
        yield connection


@pytest.fixture
def connections(
    all_postgres: Mapping[int, Server], scratch_database: Callable[[int], str]
) -> Iterator[dict[int, Connection]]:
    """The same on each version."""
    with ExitStack() as stack:
        yield {
            version: stack.enter_context(_in_schema(scratch_database(version), "scratch"))
            for version in all_postgres
        }


@contextmanager
def _in_schema(conninfo: str, schema: str) -> Iterator[Connection]:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
        yield connection
    _execute(conninfo, "DROP SCHEMA {} CASCADE", schema)


def _execute(conninfo: str, statement: LiteralString, name: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _conninfo(server: Server, database: str) -> str:
    return psycopg.conninfo.make_conninfo(
        host=server.endpoint.host,
        port=server.endpoint.port,
        user=server.user,
        password=server.password,
        dbname=database,
    )
