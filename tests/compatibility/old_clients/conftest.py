"""The document's schema, filled, with the statements that its clients send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from pytest_chopsticks.bundled.conformance.canonical_schema import TABLES
from pytest_chopsticks.bundled.conformance.fixtures import create_statements

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.compatibility.contents import populate
from pytest_chopsticks.compatibility.old_clients import OldStatement, Outcomes, corpus, replay
from pytest_chopsticks.servers import Server
from tests.compatibility.owned_databases import Connection, owner_connection


@pytest.fixture(scope="session")
def filled(all_postgres: Mapping[int, Server]) -> Iterator[Connection]:
    """A database of the 13 tables with rows; tests roll back what they do."""
    with owner_connection(all_postgres[18], *create_statements(TABLES)) as connection:
        populate(connection, take_snapshot(connection))
        yield connection


@pytest.fixture(scope="session")
def statements(filled: Connection) -> tuple[OldStatement, ...]:
    return corpus(filled, take_snapshot(filled))


@pytest.fixture(scope="session")
def before(filled: Connection, statements: tuple[OldStatement, ...]) -> Outcomes:
    return replay(filled, statements)


@pytest.fixture
def connection(filled: Connection) -> Iterator[Connection]:
    with filled.transaction(force_rollback=True):
        yield filled
