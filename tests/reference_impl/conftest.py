"""A PostgreSQL 15 of Debian's for these tests alone, and a database for each of them."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from reference_impl import Implementation

PG_BIN = Path("/usr/lib/postgresql/15/bin")
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class EmptyDatabase:
    dsn: str


class Observer:
    """Looks at the tables, and writes into them, past the implementation."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, statement: Any, *arguments: object) -> int:
        return self._connection.execute(statement, arguments).rowcount

    def rows(self, query: Any, *arguments: object) -> list[Any]:
        return self._connection.execute(query, arguments).fetchall()

    def row(self, query: Any, *arguments: object) -> Any:
        (found,) = self.rows(query, *arguments)
        return found

    def value(self, query: Any, *arguments: object) -> Any:
        (found,) = self.row(query, *arguments)
        return found


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    directory = Path(tempfile.mkdtemp(prefix="chopsticks-"))
    # PostgreSQL does not run as root.
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(directory, user)
    data = directory / "data"
    initdb = f"{PG_BIN}/initdb -D {data} -U postgres -A trust -E UTF8 --locale=C -N".split()
    subprocess.run(initdb, check=True, user=user, stdout=subprocess.DEVNULL)
    postgres = f"{PG_BIN}/postgres -D {data} -k {directory} -c listen_addresses= -F".split()
    process = subprocess.Popen(postgres, user=user, stderr=subprocess.DEVNULL)
    try:
        yield _wait_until_ready(f"host={directory} user=postgres dbname=postgres")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        shutil.rmtree(directory)


@pytest.fixture
def database(server: str) -> Iterator[EmptyDatabase]:
    """An empty database that belongs to an ordinary role."""
    name = f"implementation_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN")
        connection.execute(f"CREATE DATABASE {name} OWNER {name}")
        yield EmptyDatabase(psycopg.conninfo.make_conninfo(server, user=name, dbname=name))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"DROP ROLE {name}")


@pytest.fixture
def token_key() -> dict[str, str]:
    return {"id": "key-1", "key": "11" * 32}


@pytest.fixture(scope="session")
def _migrated(server: str) -> EmptyDatabase:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    database = EmptyDatabase(psycopg.conninfo.make_conninfo(server, dbname="migrated"))
    Implementation(database).migrate()
    return database


@pytest.fixture
def migrated_database(_migrated: EmptyDatabase) -> Iterator[EmptyDatabase]:
    """A migrated database without rows: always the same one, which costs a tenth of a new one."""
    yield _migrated
    with psycopg.connect(_migrated.dsn) as connection:
        # Past the guards of the immutable tables.
        connection.execute("SET session_replication_role = replica")
        for (table,) in connection.execute(
            "SELECT format('%I', tablename) FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> 'schema_migrations'"
        ).fetchall():
            connection.execute(f"DELETE FROM {table}".encode())


@pytest.fixture
def implementation(
    migrated_database: EmptyDatabase, token_key: dict[str, str]
) -> Iterator[Implementation]:
    """The reference implementation, with one key, on a migrated database."""
    implementation = Implementation(migrated_database, [token_key])
    yield implementation
    implementation.close()


@pytest.fixture
def observer(migrated_database: EmptyDatabase) -> Iterator[Observer]:
    """The tables of `implementation`."""
    with psycopg.connect(migrated_database.dsn, autocommit=True) as connection:
        yield Observer(connection)


def _wait_until_ready(dsn: str) -> str:
    while True:
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return dsn
