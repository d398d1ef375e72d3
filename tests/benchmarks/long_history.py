"""How long each migration of a long history takes to judge: `python long_history.py [COUNT]`.

A generated history is judged from an empty database on a server of its own, as
`chopsticks migrations check` does it. Every 20th migration creates a table; the others change the
tables that are there and their rows, in and outside a transaction, most with a `down`. Times are in
seconds; that the last hundred take about as long as the first means linear time.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean

from pytest_chopsticks.command_line.own_databases import own_databases
from pytest_chopsticks.compatibility import judge_history
from pytest_chopsticks.databases import DatabaseProvider
from pytest_chopsticks.migrations.files import MigrationFile, list_migrations

COUNT = 1_000
COMPARED = 100
FIRST = datetime(2026, 1, 1)

CREATE_TABLE = """-- migrate:up
CREATE TABLE {table} (
  id         BIGSERIAL PRIMARY KEY,
  parent_id  BIGINT REFERENCES table_0 (id),
  name       TEXT NOT NULL,
  quantity   INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
  metadata   JSONB NOT NULL DEFAULT '{{}}',
  created_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (parent_id, name)
);
CREATE INDEX ON {table} (created_at DESC);
-- migrate:down
DROP TABLE {table};
"""

#: What follows the creation of a table, by kind: `n` is the migration's number.
CHANGES: Sequence[tuple[str, str]] = (
    (
        "add a column",
        "-- migrate:up\nALTER TABLE {table} ADD COLUMN note_{n} TEXT;\n"
        "-- migrate:down\nALTER TABLE {table} DROP COLUMN note_{n};",
    ),
    (
        "insert rows",
        "INSERT INTO {table} (name) SELECT 'row {n}.' || i FROM generate_series(1, 5) i;",
    ),
    (
        "add an index",
        "-- migrate:up\nCREATE INDEX idx_{n} ON {table} (name, created_at);\n"
        "-- migrate:down\nDROP INDEX idx_{n};",
    ),
    ("update rows", "UPDATE {table} SET created_at = {n} WHERE created_at = 0;"),
    (
        "change a default",
        "-- migrate:up\nALTER TABLE {table} ALTER COLUMN quantity SET DEFAULT 2;\n"
        "-- migrate:down\nALTER TABLE {table} ALTER COLUMN quantity SET DEFAULT 1;",
    ),
    (
        "add a check",
        "-- migrate:up\nALTER TABLE {table}\n"
        "  ADD CONSTRAINT check_{n} CHECK (quantity < 1000000000) NOT VALID;\n"
        "-- migrate:down\nALTER TABLE {table} DROP CONSTRAINT check_{n};",
    ),
    (
        "add a column",
        "-- migrate:up\nALTER TABLE {table} ADD COLUMN count_{n} INTEGER NOT NULL DEFAULT 0;\n"
        "-- migrate:down\nALTER TABLE {table} DROP COLUMN count_{n};",
    ),
    ("comment", "COMMENT ON TABLE {table} IS 'as of {n}';"),
    (
        "create a function",
        "-- migrate:up\nCREATE FUNCTION f_{n}(i INTEGER) RETURNS INTEGER LANGUAGE sql\n"
        "  AS 'SELECT i + {n}';\n"
        "-- migrate:down\nDROP FUNCTION f_{n};",
    ),
    ("insert rows", "INSERT INTO {table} (name, quantity) VALUES ('row {n}', 3);"),
    (
        "add an index concurrently",
        "-- migrate:up transaction:false\n"
        "CREATE INDEX CONCURRENTLY idx_{n} ON {table} (quantity, name);\n"
        "-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY idx_{n};",
    ),
    ("add a column", "ALTER TABLE {table} ADD COLUMN seen_{n} TIMESTAMPTZ;"),
    ("update rows", "UPDATE {table} SET metadata = metadata || '{{\"v\": 1}}' WHERE quantity = 3;"),
    (
        "create a type",
        "-- migrate:up\nCREATE TYPE kind_{n} AS ENUM ('a', 'b');\n"
        "-- migrate:down\nDROP TYPE kind_{n};",
    ),
    (
        "add columns",
        "-- migrate:up\nALTER TABLE {table} ADD COLUMN flag_{n} BOOLEAN NOT NULL DEFAULT false;\n"
        "ALTER TABLE {table} ADD COLUMN label_{n} TEXT NOT NULL DEFAULT '';\n"
        "-- migrate:down\nALTER TABLE {table} DROP COLUMN flag_{n}, DROP COLUMN label_{n};",
    ),
    ("insert rows", "INSERT INTO {table} (name) VALUES ('one {n}'), ('two {n}');"),
    ("delete rows", "DELETE FROM {table} WHERE name LIKE 'one %';"),
    (
        "add an index",
        "-- migrate:up\nCREATE INDEX idx_{n} ON {table} (parent_id) WHERE quantity > 10;\n"
        "-- migrate:down\nDROP INDEX idx_{n};",
    ),
    ("comment", "COMMENT ON COLUMN {table}.name IS 'as of {n}';"),
)
EVERY = len(CHANGES) + 1


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    kinds = [kind for _, kind in map(migration, range(count))]
    with tempfile.TemporaryDirectory() as directory:
        write_history(Path(directory), count)
        times = judged(list_migrations(Path(directory)))
    first, last = slice(0, COMPARED), slice(-COMPARED, None)
    print(f"\n{'':26} {'first':>7} {'last':>7}")
    for kind in dict.fromkeys(kinds):
        print(row(kind, *(of_kind(times[part], kinds[part], kind) for part in (first, last))))
    print(row("all", times[first], times[last]))
    print(f"{count} migrations in {sum(times):.0f} s")


def migration(n: int) -> tuple[str, str]:
    """The text of one migration, and its kind; the tables take turns."""
    if n % EVERY == 0:
        return CREATE_TABLE.format(table=f"table_{n // EVERY}"), "create a table"
    kind, text = CHANGES[n % EVERY - 1]
    return text.format(table=f"table_{n % (n // EVERY + 1)}", n=n), kind


def write_history(directory: Path, count: int) -> None:
    for n in range(count):
        version = (FIRST + timedelta(minutes=n)).strftime("%Y%m%d_%H%M%S")
        text, _ = migration(n)
        (directory / f"{version}_step.sql").write_text(text, "utf-8")


def judged(files: Sequence[MigrationFile]) -> list[float]:
    """How long each took; raises where one could not be applied."""
    times: list[float] = []
    own = time.process_time()
    with own_databases(tcp=False) as databases:
        for duration in step_times(files, databases):
            times.append(duration)
            if len(times) % COMPARED == 0:
                spent, own = time.process_time() - own, time.process_time()
                mine = f"{spent / COMPARED:.3f} of it in this process"
                print(f"to {len(times):>4}: {mean(times[-COMPARED:]):.3f}, {mine}", flush=True)
    return times


def step_times(files: Sequence[MigrationFile], databases: DatabaseProvider) -> Iterator[float]:
    started = time.perf_counter()
    for step in judge_history(files, databases):
        if not step.applied:
            raise SystemExit("\n".join(map(str, step.findings)))
        yield time.perf_counter() - started
        started = time.perf_counter()


def of_kind(times: Sequence[float], kinds: Sequence[str], kind: str) -> list[float]:
    return [one for one, its_kind in zip(times, kinds, strict=True) if its_kind == kind]


def row(name: str, *parts: Sequence[float]) -> str:
    return f"{name:26} " + " ".join(f"{mean(part):>7.3f}" for part in parts)


if __name__ == "__main__":
    main()
