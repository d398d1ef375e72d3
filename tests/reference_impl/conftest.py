"""A PostgreSQL 15 of Debian's for these tests alone, and an empty database for each of them."""

import itertools
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

PG_BIN = Path("/usr/lib/postgresql/15/bin")
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class EmptyDatabase:
    dsn: str


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    directory = Path(tempfile.mkdtemp(prefix="chopsticks-"))
    shutil.chown(directory, "nobody")
    data = directory / "data"
    initdb = f"{PG_BIN}/initdb -D {data} -U postgres -A trust -E UTF8 --locale=C -N".split()
    subprocess.run(initdb, check=True, user="nobody", stdout=subprocess.DEVNULL)
    postgres = f"{PG_BIN}/postgres -D {data} -k {directory} -c listen_addresses= -F".split()
    process = subprocess.Popen(postgres, user="nobody", stderr=subprocess.DEVNULL)
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


def _wait_until_ready(dsn: str) -> str:
    while True:
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return dsn
