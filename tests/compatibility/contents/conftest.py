"""Empty databases of an owner, on the newest version and on each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from pytest_chopsticks.servers import Server
from tests.compatibility.owned_databases import Connection, owner_connection


@pytest.fixture(scope="session")
def newest(all_postgres: Mapping[int, Server]) -> Iterator[Connection]:
    with owner_connection(all_postgres[18]) as connection:
        yield connection


@pytest.fixture
def connection(newest: Connection) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back."""
    with newest.transaction(force_rollback=True):
        yield newest
