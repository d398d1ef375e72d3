"""Databases with a schema that has something of every kind, on every server version."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_chopsticks.databases import (
    Database,
    DatabaseProvider,
    Pool,
    Role,
    SchemaSource,
    Template,
    as_schema_source,
)
from pytest_chopsticks.servers import Server
from tests.databases.whole_contents import whole_contents

SCHEMA = Path(__file__).with_name("every_kind_of_object.sql")


@pytest.fixture(scope="session")
def provider(each_postgres: Server) -> Iterator[DatabaseProvider]:
    """Makes databases on each version in turn."""
    role = Role("chopsticks_app", "a password")
    with DatabaseProvider(each_postgres, role, run=secrets.token_hex(4)) as provider:
        yield provider


@pytest.fixture(scope="session")
def template(provider: DatabaseProvider) -> Template:
    return provider.template(as_schema_source(SCHEMA))


@pytest.fixture(scope="session")
def pool(provider: DatabaseProvider, template: Template) -> Iterator[Pool]:
    pool = Pool(provider, template)
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def pristine(provider: DatabaseProvider, template: Template) -> dict[str, Any]:
    """All that is in a fresh clone."""
    with provider.clone(template) as database:
        return whole_contents(database)


@pytest.fixture
def pool_of(provider: DatabaseProvider) -> Iterator[Callable[[str], Pool]]:
    """Makes a pool of databases in which some SQL was run."""
    pools = []

    def make(statements: str) -> Pool:
        def build(database: Database) -> None:
            with database.connect() as connection:
                connection.execute(statements.encode())

        source: SchemaSource = as_schema_source(_Built(statements, build))
        pools.append(Pool(provider, provider.template(source)))
        return pools[-1]

    yield make
    for one in pools:
        one.close()


class _Built:
    """A source that is told apart by its SQL, since every test's function looks the same."""

    def __init__(self, statements: str, build: Callable[[Database], None]) -> None:
        self.fingerprint = f"{hash(statements):016x}".replace("-", "0")
        self.build = build
