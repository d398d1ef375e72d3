"""A database with the document's schema on a real server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest
from pytest_chopsticks.bundled.conformance.fixtures import create_canonical

from pytest_chopsticks.databases import (
    Database,
    DatabaseProvider,
    Role,
    Template,
    as_schema_source,
)
from pytest_chopsticks.servers import Server


@pytest.fixture(scope="session")
def economy_databases(all_postgres: Mapping[int, Server]) -> Iterator[DatabaseProvider]:
    with DatabaseProvider(all_postgres[18], Role("economy_app", "pw"), run="economy") as provider:
        yield provider


@pytest.fixture(scope="session")
def economy_template(economy_databases: DatabaseProvider) -> Template:
    return economy_databases.template(as_schema_source(create_canonical))


@pytest.fixture
def database(economy_databases: DatabaseProvider, economy_template: Template) -> Iterator[Database]:
    with economy_databases.clone(economy_template) as database:
        yield database


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(autocommit=True) as connection:
        yield connection
