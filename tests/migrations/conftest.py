"""A server for the tests that run migrations, and an empty database for each of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.databases import Database, DatabaseProvider, Role
from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.servers import ServerRequest, start_server

WriteMigration = Callable[[str, str], MigrationFile]


@pytest.fixture(scope="session")
def databases() -> Iterator[DatabaseProvider]:
    role = Role("owner", secrets.token_urlsafe(8))
    with (
        start_server(ServerRequest()) as server,
        DatabaseProvider(server, role, run=secrets.token_hex(4)) as provider,
    ):
        yield provider


@pytest.fixture
def database(databases: DatabaseProvider) -> Iterator[Database]:
    with databases.empty() as database:
        yield database


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the owner, which begins a transaction with the first statement."""
    with database.connect() as connection:
        yield connection


@pytest.fixture
def write_migration(tmp_path: Path) -> WriteMigration:
    """Writes a migration with this suffix and content."""

    def write(suffix: str, content: str) -> MigrationFile:
        path = tmp_path / f"20260101_000000_a{suffix}"
        path.write_text(content)
        return MigrationFile(path.name, path)

    return write
