"""A database for each test of the reference, with or without the tables."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.databases import (
    Database,
    DatabaseProvider,
    Pool,
    Role,
    as_schema_source,
)
from pytest_chopsticks.servers import Server
from reference_impl import Implementation


class Observer:
    """Looks at the tables, and writes into them, past the implementation."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, statement: Any, *arguments: object) -> int:
        return self._connection.execute(statement, arguments).rowcount

    def rows(self, query: Any, *arguments: object) -> list[Any]:
        return self._connection.execute(query, arguments).fetchall()

    def row(self, query: Any, *arguments: object) -> Any:
        (found,) = self.rows(query, *arguments)
        return found

    def value(self, query: Any, *arguments: object) -> Any:
        (found,) = self.row(query, *arguments)
        return found


@pytest.fixture(scope="session")
def databases(all_postgres: Mapping[int, Server]) -> Iterator[DatabaseProvider]:
    role = Role("reference_app", "reference")
    with DatabaseProvider(all_postgres[15], role, run="reference") as provider:
        yield provider


@pytest.fixture
def database(databases: DatabaseProvider) -> Iterator[Database]:
    """An empty database that belongs to an ordinary role."""
    with databases.empty() as database:
        yield database


@pytest.fixture
def token_key() -> dict[str, str]:
    return {"id": "key-1", "key": "11" * 32}


@pytest.fixture(scope="session")
def migrated(databases: DatabaseProvider) -> Iterator[Pool]:
    source = as_schema_source(lambda database: Implementation(database).migrate())
    pool = Pool(databases, databases.template(source))
    yield pool
    pool.close()


@pytest.fixture
def migrated_database(migrated: Pool) -> Iterator[Database]:
    """A migrated database without rows."""
    with migrated.lend("recycle") as lease:
        yield lease.database


@pytest.fixture
def implementation(
    migrated_database: Database, token_key: dict[str, str]
) -> Iterator[Implementation]:
    """The reference implementation, with one key, on a migrated database."""
    implementation = Implementation(migrated_database, [token_key])
    yield implementation
    implementation.close()


@pytest.fixture
def observer(migrated_database: Database) -> Iterator[Observer]:
    """The tables of `implementation`, as a superuser sees them."""
    with migrated_database.observe(autocommit=True) as connection:
        yield Observer(connection)
