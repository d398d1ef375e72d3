"""A server that programs reach over TCP, an empty database for each test, and `pg` from npm."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_chopsticks.databases import Database, DatabaseProvider, Role
from pytest_chopsticks.servers import ServerRequest, start_server

IMPLEMENTATION = Path(__file__).with_name("implementation")


@pytest.fixture(scope="session")
def databases() -> Iterator[DatabaseProvider]:
    role = Role("owner", secrets.token_urlsafe(8))
    with (
        start_server(ServerRequest(tcp=True)) as server,
        DatabaseProvider(server, role, run=secrets.token_hex(4)) as provider,
    ):
        yield provider


@pytest.fixture
def database(databases: DatabaseProvider) -> Iterator[Database]:
    with databases.empty() as database:
        yield database


@pytest.fixture(scope="session")
def implementation() -> Path:
    """The directory of the implementation in JavaScript, with its packages."""
    if not (IMPLEMENTATION / "node_modules/pg").is_dir():
        pytest.fail(f"pg is missing; run: npm install --prefix {IMPLEMENTATION}")
    return IMPLEMENTATION
