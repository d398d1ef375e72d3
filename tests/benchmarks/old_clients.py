"""What the parts of the judge cost on the 13 tables: `python old_clients.py CONNINFO`.

Everything happens in a transaction that is rolled back. The best of several runs, in milliseconds,
and for the replay as a ratio to the same statements sent one by one in savepoints. With `--million`
a table of a million rows is filled and looked at too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import psycopg
from pytest_chopsticks.bundled.conformance.canonical_schema import TABLES
from pytest_chopsticks.bundled.conformance.fixtures import create_statements

from pytest_chopsticks.catalog import Snapshot, take_snapshot
from pytest_chopsticks.compatibility.contents import digest, populate
from pytest_chopsticks.compatibility.old_clients import OldStatement, breaks, corpus, replay

SCHEMA = "old_clients_benchmark"
MILLION = 1_000_000


def main() -> None:
    with psycopg.connect(sys.argv[1]) as connection:
        print(f"PostgreSQL {connection.info.server_version // 10000}")
        connection.execute(f"CREATE SCHEMA {SCHEMA}; SET LOCAL search_path = {SCHEMA}")
        for statement in create_statements(TABLES):
            connection.execute(statement.encode())
        snapshot = take_snapshot(connection)
        measure_parts(connection, snapshot)
        if "--million" in sys.argv:
            measure_a_million_rows(connection, snapshot)
        connection.rollback()


def measure_parts(connection: psycopg.Connection[Any], snapshot: Snapshot) -> None:
    show("populate", best(lambda: populated(connection, snapshot)))
    populate(connection, snapshot)
    statements = corpus(connection, snapshot)
    outcomes = replay(connection, statements)
    show("corpus", best(lambda: corpus(connection, snapshot)))
    whole = best(lambda: replay(connection, statements))
    show(f"replay of {len(statements)} statements", whole)
    singly = best(lambda: one_by_one(connection, statements))
    print(f"{'one by one':>28} {singly:>9.1f} ms, {singly / whole:.1f} times as long")
    show("breaks", best(lambda: breaks(outcomes, outcomes)))
    show("digest", best(lambda: digest(connection, snapshot)))


def measure_a_million_rows(connection: psycopg.Connection[Any], snapshot: Snapshot) -> None:
    table = ["user_wallets"]
    start = time.perf_counter()
    populate(connection, snapshot, rows=MILLION, tables=table)
    show("populate a million rows", (time.perf_counter() - start) * 1000)
    show("digest a million rows", best(lambda: digest(connection, snapshot, table), runs=2))


def populated(connection: psycopg.Connection[Any], snapshot: Snapshot) -> None:
    with connection.transaction(force_rollback=True):
        populate(connection, snapshot)


def one_by_one(connection: psycopg.Connection[Any], statements: Iterable[OldStatement]) -> None:
    for statement in statements:
        with suppress(psycopg.Error), connection.transaction(force_rollback=True):
            for preparation in statement.if_possible:
                with suppress(psycopg.Error), connection.transaction():
                    connection.execute(preparation.encode())
            for text in (*statement.preparations, statement.text, statement.visible):
                if text is not None:
                    connection.execute(text.encode())


def best(action: Callable[[], object], runs: int = 7) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def show(what: str, milliseconds: float) -> None:
    print(f"{what:>28} {milliseconds:>9.1f} ms")


if __name__ == "__main__":
    main()
