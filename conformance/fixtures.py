"""What the tests of the suite work on; visible to them alone, not to the host's tests.

`migrated…` is what the implementation made of an empty database; `canonical…` is the document's
own schema on the same server, to compare with. The suite writes as the databases' owner, an
ordinary role, and looks at the catalog as its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Any, Protocol

import psycopg
import pytest
from hypothesis import configuration

from pytest_chopsticks.catalog import Snapshot, take_snapshot
from pytest_chopsticks.collection import RUN
from pytest_chopsticks.databases import (
    Database,
    DatabaseProvider,
    Template,
    as_schema_source,
)
from pytest_chopsticks.implementations import Driver, Implementation, Target, TokenKey
from pytest_chopsticks.implementations.baseline import beginning_of
from pytest_chopsticks.implementations.schema_source import MigratedBy
from pytest_chopsticks.report.results import write_fact
from pytest_chopsticks.run import Run
from pytest_chopsticks.servers.cache import cache_directory

from .canonical_ddl import create_statements
from .canonical_schema import TABLES
from .changed_defaults import ChangedDefaults, find_changed_defaults
from .migration_history import History, directory_of
from .migration_steps import JudgedSteps
from .observing_driver import ImmutableRows, ObservingDriver
from .overlapping import Meeting
from .populating import Populated
from .removed_indexes import RemovedIndexes, find_removed_indexes
from .schema_location import locate_schema, search_path

Crew = Callable[[int], list[Driver]]


class OpenDriver(Protocol):
    """`unobserved` is for tests that lock the tables which every call is followed by a look at."""

    def __call__(
        self, *, token_keys: Sequence[TokenKey] | None = None, unobserved: bool = False
    ) -> Driver: ...


@pytest.fixture(autouse=True)
def _no_hypothesis_directory() -> Iterator[None]:
    """Hypothesis writes what it learns to the host's repository unless it is told another place."""
    before = vars(configuration)["__hypothesis_home_directory"]
    configuration.set_hypothesis_home_dir(cache_directory("hypothesis"))
    yield
    configuration.set_hypothesis_home_dir(before)


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
def migrated_template(
    databases: DatabaseProvider, implementation: Implementation, target: Target
) -> Template:
    return databases.template(MigratedBy(implementation, target))


@pytest.fixture(scope="session")
def migrated(databases: DatabaseProvider, migrated_template: Template) -> Iterator[Database]:
    """A migrated database that no test changes for good: they all roll back."""
    with databases.clone(migrated_template) as database:
        yield database


@pytest.fixture
def fresh(run: Run, migrated_template: Template) -> Iterator[Database]:
    """A migrated database that the test may change."""
    with run.pool(migrated_template).lend("recycle") as lease:
        yield lease.database


@pytest.fixture(scope="session")
def beginning(run: Run, target: Target) -> Template:
    """What the first migration finds: nothing, or what the target's `baseline` makes."""
    return beginning_of(target, run.databases, run.options.time_limit)


@pytest.fixture
def observer(fresh: Database, schema: str) -> Iterator[psycopg.Connection[Any]]:
    """The suite's own connection to the fresh database, in autocommit mode."""
    with fresh.observe(autocommit=True) as connection:
        connection.execute(search_path(schema))
        yield connection


@pytest.fixture
def meeting(fresh: Database, schema: str, observer: psycopg.Connection[Any]) -> Iterator[Meeting]:
    """Makes calls of several drivers on the fresh database overlap."""
    with fresh.observe(autocommit=True) as holder:
        holder.execute(search_path(schema))
        yield Meeting(holder, observer)


@pytest.fixture
def immutable_rows(fresh: Database, schema: str) -> Iterator[ImmutableRows]:
    """Watches over the immutable tables of the fresh database, whatever the test is about."""
    with fresh.observe(autocommit=True) as connection:
        rows = ImmutableRows(connection, schema)
        yield rows
        rows.expect_untouched()


@pytest.fixture
def drivers(
    implementation: Implementation, fresh: Database, immutable_rows: ImmutableRows
) -> Iterator[OpenDriver]:
    """Opens another driver on the fresh database with each call, with other token keys if given.

    All end with the test.
    """
    with ExitStack() as stack:

        def open_driver(
            *, token_keys: Sequence[TokenKey] | None = None, unobserved: bool = False
        ) -> Driver:
            opened = stack.enter_context(implementation.open(fresh, token_keys))
            return opened if unobserved else ObservingDriver(opened, immutable_rows)

        yield open_driver


@pytest.fixture
def driver(drivers: OpenDriver) -> Driver:
    """A driver on the fresh database."""
    return drivers()


@pytest.fixture
def crew(implementation: Implementation, driver: Driver, drivers: OpenDriver) -> Crew:
    """Gives as many drivers as calls are to be under way at once; one may stand for all."""
    if implementation.concurrent:
        return lambda size: [driver] * size
    return lambda size: [driver, *(drivers() for _ in range(size - 1))]


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
def history(
    databases: DatabaseProvider,
    beginning: Template,
    implementation: Implementation,
    target: Target,
    schema: str,
) -> History:
    """The implementation's migration files, to apply in parts and in edited copies."""
    return History(implementation, directory_of(target), databases, beginning, schema)


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
) -> Iterator[Populated]:
    """The owner's connection to a migrated database in which a table is filled when asked for."""
    with (
        databases.clone(migrated_template) as database,
        _writing_to(database, schema) as connection,
    ):
        yield Populated(connection)


@pytest.fixture(scope="session")
def changed_defaults(run: Run, canonical_snapshot: Snapshot, snapshot: Snapshot) -> ChangedDefaults:
    return find_changed_defaults(run, canonical_snapshot, snapshot)


@pytest.fixture(scope="session")
def removed_indexes(
    request: pytest.FixtureRequest, target: Target, canonical_snapshot: Snapshot, snapshot: Snapshot
) -> RemovedIndexes:
    if target.migrations is None:
        return RemovedIndexes()
    history: History = request.getfixturevalue("history")
    return find_removed_indexes(history, canonical_snapshot, snapshot)


@pytest.fixture(scope="session")
def judged_steps(
    databases: DatabaseProvider, target: Target, beginning: Template, schema: str
) -> Iterator[JudgedSteps]:
    """What the judge of migrations says of each."""
    with closing(JudgedSteps(databases, target, beginning, schema)) as steps:
        yield steps


@pytest.fixture
def note(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Says in the report what is allowed but worth knowing."""
    return lambda text: write_fact(request.node, "message", text)


def create_canonical(database: Database) -> None:
    """Create the document's schema, without any implementation."""
    with database.connect() as connection:
        connection.execute(";\n".join(create_statements(TABLES)).encode())


def _writing_to(database: Database, schema: str) -> psycopg.Connection[Any]:
    connection = database.connect(autocommit=True)
    connection.execute(search_path(schema))
    connection.autocommit = False
    return connection
