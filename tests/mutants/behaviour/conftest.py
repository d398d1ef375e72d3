"""A server for the judged implementations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from pytest_chopsticks.databases import DatabaseProvider, Role
from pytest_chopsticks.servers import Server


@pytest.fixture(scope="session")
def behaviour_databases(all_postgres: Mapping[int, Server]) -> Iterator[DatabaseProvider]:
    with DatabaseProvider(all_postgres[18], Role("judged_app", "pw"), run="behaviour") as provider:
        yield provider
