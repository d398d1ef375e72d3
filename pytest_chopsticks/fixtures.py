"""The fixtures: a server for the session, pristine databases for its tests."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.collection import RUN
from pytest_chopsticks.databases import (
    EMPTY,
    Database,
    Isolation,
    Lease,
    Pool,
    SchemaSource,
    as_isolation,
)
from pytest_chopsticks.errors import ConnectionLeftOpen
from pytest_chopsticks.failure_evidence import LEASE
from pytest_chopsticks.implementations.schema_source import MigratedBy
from pytest_chopsticks.run import CANONICAL, Run
from pytest_chopsticks.servers import Server


@pytest.fixture(scope="session")
def chopsticks_server(request: pytest.FixtureRequest) -> Server:
    """The running Postgres; the test is skipped without `--chopsticks-db`."""
    return _run(request).shared.server


@pytest.fixture(scope="session")
def chopsticks_template(request: pytest.FixtureRequest) -> SchemaSource:
    """How the pristine state is built; override it to use a schema of your own.

    Return the path of an SQL file or a list of them, a function that takes the empty `Database`,
    a `Command`, an `Alembic`, or another `SchemaSource`. The default is what the implementation of
    chopsticks.toml migrates to, or, without one, the canonical Chopsticks schema.
    """
    run = _run(request)
    if run.target:
        return MigratedBy(run.implementation, run.target)
    return MigratedBy(run.canonical_implementation, CANONICAL)


@pytest.fixture
def _chopsticks_pool(
    request: pytest.FixtureRequest, chopsticks_server: Server, chopsticks_template: object
) -> Pool:
    # Of the test's scope: pytest would make one of the session's from the first override it meets.
    return _run(request).pool_of(chopsticks_template)


@pytest.fixture
def _chopsticks_lease(request: pytest.FixtureRequest, _chopsticks_pool: Pool) -> Iterator[Lease]:
    with _chopsticks_pool.lend(_isolation(request)) as lease:
        request.node.stash[LEASE] = lease
        yield lease
    for session in lease.left_sessions:
        warnings.warn(ConnectionLeftOpen(f"the test left open {session}"), stacklevel=1)


@pytest.fixture
def chopsticks_db(_chopsticks_lease: Lease) -> Database:
    """A pristine database at the schema under test, the test's own.

    How it is made pristine is `--chopsticks-isolation`, or the test's own
    `@pytest.mark.chopsticks(isolation="recycle" | "clone" | "rollback")`.
    """
    return _chopsticks_lease.database


@pytest.fixture
def chopsticks_empty_db(
    request: pytest.FixtureRequest, chopsticks_server: Server
) -> Iterator[Database]:
    """A pristine database with nothing in it, the test's own."""
    with _run(request).pool(EMPTY).lend("clone") as lease:
        yield lease.database


@pytest.fixture
def chopsticks_conn(_chopsticks_lease: Lease) -> Iterator[psycopg.Connection[Any]]:
    """An open connection to `chopsticks_db`; what is not committed is rolled back.

    With isolation "rollback" all of it is rolled back, and `commit()` is refused.
    """
    with _chopsticks_lease.connection() as connection:
        yield connection


def _isolation(request: pytest.FixtureRequest) -> Isolation:
    marker = request.node.get_closest_marker("chopsticks")
    if marker is None:
        return _run(request).options.isolation
    return as_isolation(*marker.args, **marker.kwargs)


def _run(request: pytest.FixtureRequest) -> Run:
    run = request.config.stash.get(RUN, None)
    if run is None:
        pytest.skip("needs Postgres: run pytest with --chopsticks-db")
    return run
