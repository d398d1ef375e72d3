"""How long a snapshot takes on 13, 100 and 1,000 tables: `python catalog_snapshot.py CONNINFO`.

Works in a schema of its own, which it drops at the end. The best of several runs, in milliseconds;
`query` is the round trip, `total` includes building the values in Python.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import psycopg

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.catalog.snapshot import read_document

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (13, 100, 1000)
SCHEMA = "catalog_snapshot_benchmark"

TABLE = """
CREATE TABLE {name} (
  id         BIGSERIAL PRIMARY KEY,
  user_id    TEXT NOT NULL,
  item_id    TEXT NOT NULL,
  quantity   INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
  metadata   JSONB DEFAULT '{{}}'::jsonb,
  created_at BIGINT NOT NULL,
  UNIQUE (user_id, item_id)
);
CREATE INDEX ON {name} (created_at DESC);
"""


def main() -> None:
    with psycopg.connect(sys.argv[1], autocommit=True) as connection:
        print(f"PostgreSQL {connection.info.server_version // 10000}")
        print(f"{'tables':>7} {'query ms':>9} {'total ms':>9} {'ms/table':>9}")
        for size in SIZES:
            print(measured(connection, size))


def measured(connection: psycopg.Connection[Any], size: int) -> str:
    connection.execute(f"CREATE SCHEMA {SCHEMA}")
    try:
        for number in range(size):
            table = TABLE.format(name=f"{SCHEMA}.table_{number}")
            connection.execute(table)
        connection.execute("ANALYZE")
        query = best(lambda: read_document(connection, SCHEMA))
        total = best(lambda: take_snapshot(connection, SCHEMA))
    finally:
        drop(connection, size)
    return f"{size:>7} {query:>9.1f} {total:>9.1f} {total / size:>9.3f}"


def best(action: Callable[[], object], runs: int = 7) -> float:
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def drop(connection: psycopg.Connection[Any], size: int) -> None:
    """Table by table: one transaction would need more locks than a server has by default."""
    for number in range(size):
        connection.execute(f"DROP TABLE {SCHEMA}.table_{number}")
    connection.execute(f"DROP SCHEMA {SCHEMA}")


if __name__ == "__main__":
    main()
