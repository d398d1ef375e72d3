"""A server for the tests that run migrations, and an empty database for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.command_line.own_databases import own_databases
from pytest_chopsticks.databases import Database, DatabaseProvider
from pytest_chopsticks.migrations.files import MigrationFile

WriteMigration = Callable[[str, str], MigrationFile]


@pytest.fixture(scope="session")
def databases() -> Iterator[DatabaseProvider]:
    with own_databases(tcp=False) as provider:
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
