"""What a pristine database costs a test, against the peers, on the same server binaries and disk.

Prints a table of medians in milliseconds with ratios. Run: python tests/benchmarks/pristine_databases.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from pytest_chopsticks.bundled import ROOT
from pytest_chopsticks.databases import (
    Database,
    DatabaseProvider,
    Pool,
    Role,
    Template,
    as_schema_source,
)
from pytest_chopsticks.servers import ServerRequest, start_server

TESTS = 300
SLOW_TESTS = 25

_PEER = """
import time
from pytest_postgresql import factories
pg_proc = factories.postgresql_proc(executable={pg_ctl!r}, load=[{schema!r}])
pg = factories.postgresql("pg_proc")
"""
_PEER_TEST = """
import time, pytest
ended = []

@pytest.fixture
def timed(request):
    start = time.perf_counter()
    connection = request.getfixturevalue("pg")
    ready = time.perf_counter()
    yield connection
    ended.append((ready - start, time.perf_counter()))

@pytest.mark.parametrize("n", range({tests}))
def test_two_rows(timed, n):
    timed.execute("INSERT INTO user_wallets (user_id, created_at, updated_at) VALUES ('u', 1, 1)")
    timed.execute("INSERT INTO transaction_log (amount, reason, timestamp) VALUES (1, 'r', 1)")
    timed.commit()
"""

Connect = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]


def main() -> None:
    """Measure everything in one run and print the table."""
    with start_server(ServerRequest()) as server:
        role = Role("benchmark", "password")
        with DatabaseProvider(server, role, run="benchmark") as provider:
            template = provider.template(as_schema_source(create_schema))
            pool = Pool(provider, template)
            rows = {
                "recycle": timed(recycled(pool, "recycle"), TESTS),
                "rollback": timed(recycled(pool, "rollback"), TESTS, commit=False),
                "clone": timed(recycled(pool, "clone"), SLOW_TESTS),
                "a rolled-back transaction": timed(
                    transaction(provider, template), TESTS, commit=False
                ),
                "create, connect, drop": timed(created(provider, template), SLOW_TESTS),
            }
            pool.close()
    print(f"{server}; set-up and tear-down around a test that writes two rows, median")
    base = rows["recycle"]
    for name, milliseconds in rows.items():
        print(f"{name:28} {milliseconds:8.2f} ms {milliseconds / base:8.1f} ×")


def timed(connect: Connect, tests: int, *, commit: bool = True) -> float:
    """Return the median milliseconds of everything around the test's own statements."""
    spent = []
    for _ in range(tests):
        start = time.perf_counter()
        with connect() as connection:
            ready = time.perf_counter()
            write_two_rows(connection)
            if commit:
                connection.commit()
            done = time.perf_counter()
        spent.append(ready - start + time.perf_counter() - done)
    return statistics.median(spent) * 1000


def write_two_rows(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "INSERT INTO user_wallets (user_id, created_at, updated_at) VALUES ('u', 1, 1)"
    )
    connection.execute("INSERT INTO transaction_log (amount, reason, timestamp) VALUES (1, 'r', 1)")


def recycled(pool: Pool, isolation: Any) -> Connect:
    @contextmanager
    def connect() -> Iterator[psycopg.Connection[Any]]:
        with pool.lend(isolation) as lease, lease.connection() as connection:
            yield connection

    return connect


def transaction(provider: DatabaseProvider, template: Template) -> Connect:
    connection = provider.create(template.name).connect()

    @contextmanager
    def connect() -> Iterator[psycopg.Connection[Any]]:
        with connection.transaction(force_rollback=True):
            yield connection

    return connect


def created(provider: DatabaseProvider, template: Template) -> Connect:
    @contextmanager
    def connect() -> Iterator[psycopg.Connection[Any]]:
        with provider.clone(template) as database, database.connect() as connection:
            yield connection

    return connect


def create_schema(database: Database) -> None:
    sys.path.insert(0, str(ROOT))
    from conformance.canonical_ddl import create_statements
    from conformance.canonical_schema import TABLES

    with database.connect() as connection:
        for statement in create_statements(TABLES):
            connection.execute(statement.encode())


if __name__ == "__main__":
    main()
