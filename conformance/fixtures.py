"""What the tests of the suite work on; visible to them alone, not to the host's tests.

`migrated…` is what the implementation made of an empty database; `canonical…` is the document's
own schema on the same server, to compare with. The suite writes as the databases' owner, an
ordinary role, and looks at the catalog as its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pytest_chopsticks.catalog import Snapshot, take_snapshot
from pytest_chopsticks.collection import RUN
from pytest_chopsticks.databases import Database, DatabaseProvider, Template, as_schema_source
from pytest_chopsticks.implementations import Implementation, Target
from pytest_chopsticks.implementations.schema_source import MigratedBy
from pytest_chopsticks.report.results import write_fact
from pytest_chopsticks.run import Run

from .canonical_ddl import create_statements
from .canonical_schema import TABLES
from .changed_defaults import ChangedDefaults, find_changed_defaults
from .populating import populate
from .schema_location import locate_schema


@pytest.fixture(scope="session")
def run(request: pytest.FixtureRequest) -> Run:
    return request.config.stash[RUN]


@pytest.fixture(scope="session")
def implementation(run: Run) -> Implementation:
    return run.implementation


@pytest.fixture(scope="session")
def target(run: Run) -> Target:
    assert run.target is not None
    return run.target


@pytest.fixture(scope="session")
def databases(run: Run) -> DatabaseProvider:
    return run.databases


@pytest.fixture(scope="session")
def migrated_template(databases: DatabaseProvider, implementation: Implementation) -> Template:
    return databases.template(MigratedBy(implementation))


@pytest.fixture(scope="session")
def migrated(databases: DatabaseProvider, migrated_template: Template) -> Iterator[Database]:
    """A migrated database that no test changes for good: they all roll back."""
    with databases.clone(migrated_template) as database:
        yield database


@pytest.fixture
def fresh(databases: DatabaseProvider, migrated_template: Template) -> Iterator[Database]:
    """A migrated database that the test may change."""
    with databases.clone(migrated_template) as database:
        yield database


@pytest.fixture
def empty(databases: DatabaseProvider) -> Iterator[Database]:
    """A database with nothing in it that the test may change."""
    with databases.empty() as database:
        yield database


@pytest.fixture(scope="session")
def schema(migrated: Database) -> str:
    """The schema in which the implementation keeps its tables."""
    with migrated.observe() as connection:
        return locate_schema(connection)


@pytest.fixture(scope="session")
def snapshot(migrated: Database, schema: str) -> Snapshot:
    with migrated.observe() as connection:
        return take_snapshot(connection, schema)


@pytest.fixture(scope="session")
def migrated_connection(migrated: Database, schema: str) -> Iterator[psycopg.Connection[Any]]:
    with _writing_to(migrated, schema) as connection:
        yield connection


@pytest.fixture
def writer(migrated_connection: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection to the migrated database, in a transaction that is rolled back."""
    with migrated_connection.transaction(force_rollback=True):
        yield migrated_connection


@pytest.fixture(scope="session")
def canonical(databases: DatabaseProvider) -> Iterator[Database]:
    with databases.clone(databases.template(as_schema_source(create_canonical))) as database:
        yield database


@pytest.fixture(scope="session")
def canonical_snapshot(canonical: Database) -> Snapshot:
    with canonical.observe() as connection:
        return take_snapshot(connection)


@pytest.fixture(scope="session")
def canonical_connection(canonical: Database) -> Iterator[psycopg.Connection[Any]]:
    with _writing_to(canonical, "public") as connection:
        yield connection


@pytest.fixture
def canonical_writer(
    canonical_connection: psycopg.Connection[Any],
) -> Iterator[psycopg.Connection[Any]]:
    """The same as `writer`, on the document's own schema."""
    with canonical_connection.transaction(force_rollback=True):
        yield canonical_connection


@pytest.fixture(scope="session")
def populated(
    databases: DatabaseProvider, migrated_template: Template, schema: str
) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection to a migrated database with some thousand rows where indexes are."""
    with (
        databases.clone(migrated_template) as database,
        _writing_to(database, schema) as connection,
    ):
        populate(connection)
        yield connection


@pytest.fixture(scope="session")
def changed_defaults(run: Run, canonical_snapshot: Snapshot, snapshot: Snapshot) -> ChangedDefaults:
    return find_changed_defaults(run, canonical_snapshot, snapshot)


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Says in the report what is allowed but worth knowing."""
    return lambda text: write_fact(request.node, "message", text)


def create_canonical(database: Database) -> None:
    """Create the document's schema, without any implementation."""
    with database.connect() as connection:
        for statement in create_statements(TABLES):
            connection.execute(statement.encode())


def _writing_to(database: Database, schema: str) -> psycopg.Connection[Any]:
    connection = database.connect(autocommit=True)
    connection.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(schema)))
    connection.autocommit = False
    return connection
