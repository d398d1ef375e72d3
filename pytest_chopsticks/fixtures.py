"""The fixtures: a server for the session, pristine databases for its tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.collection import RUN
from pytest_chopsticks.databases import Database, SchemaSource, Template, as_schema_source
from pytest_chopsticks.implementations.schema_source import MigratedBy
from pytest_chopsticks.run import Run
from pytest_chopsticks.servers import Server


@pytest.fixture(scope="session")
def chopsticks_server(request: pytest.FixtureRequest) -> Server:
    """The running Postgres; the test is skipped without `--chopsticks-db`."""
    return _run(request).shared.server


@pytest.fixture(scope="session")
def chopsticks_template(request: pytest.FixtureRequest) -> SchemaSource:
    """How the pristine state is built; override it to use a schema of your own.

    Return the path of an SQL file or a list of them, a function that takes the empty `Database`,
    or a `SchemaSource`. The default is what the implementation of chopsticks.toml migrates to,
    or, without one, the canonical Chopsticks schema.
    """
    run = _run(request)
    return MigratedBy(run.implementation if run.target else run.canonical_implementation)


@pytest.fixture(scope="session")
def chopsticks_pristine(
    request: pytest.FixtureRequest, chopsticks_server: Server, chopsticks_template: object
) -> Template:
    """The template database that `chopsticks_db` copies."""
    return _run(request).databases.template(as_schema_source(chopsticks_template))


@pytest.fixture
def chopsticks_db(
    request: pytest.FixtureRequest, chopsticks_pristine: Template
) -> Iterator[Database]:
    """A pristine database at the schema under test, the test's own."""
    with _run(request).databases.clone(chopsticks_pristine) as database:
        yield database


@pytest.fixture
def chopsticks_empty_db(
    request: pytest.FixtureRequest, chopsticks_server: Server
) -> Iterator[Database]:
    """A pristine database with nothing in it, the test's own."""
    with _run(request).databases.empty() as database:
        yield database


@pytest.fixture
def chopsticks_conn(chopsticks_db: Database) -> Iterator[psycopg.Connection[Any]]:
    """An open connection to `chopsticks_db`; what is not committed is rolled back."""
    with chopsticks_db.connect() as connection:
        try:
            yield connection
        finally:
            connection.rollback()


def _run(request: pytest.FixtureRequest) -> Run:
    run = request.config.stash.get(RUN, None)
    if run is None:
        pytest.skip("needs Postgres: run pytest with --chopsticks-db")
    return run
