"""Carries a database to another server: by pg_dump, or table by table where there is none."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.databases import Database
from pytest_chopsticks.violation import Violation

from .recovery_bench import RecoveryBench
from .token_search import dump_program
from .token_tampering import switch_triggers_off

_LIMIT_S = 120.0
_SHOWN_LINES = 5

#: How strings, times and numbers are written does not depend on where.
_AS_DUMPED = "SET extra_float_digits = 3; SET timezone = 'UTC'; SET datestyle = ISO"


def dumped_to(target: Database, source: Database, bench: RecoveryBench) -> None:
    """Have the empty `target` hold what a dump of `source` holds."""
    with bench.observe(source) as connection:
        program = dump_program(connection, source.server)
    if program and (restore := program.with_name("pg_restore")).is_file():
        with tempfile.TemporaryDirectory() as directory:
            dump = Path(directory) / "dump"
            _run("dumped", program, source, "--format=custom", f"--file={dump}")
            _run("restored", restore, target, "--exit-on-error", "--single-transaction", str(dump))
    else:
        _copied_to(target, source, bench)


def rows_as_text(connection: psycopg.Connection[Any], table: str) -> list[bytes]:
    """Every row as COPY writes it, in the order of the first column."""
    connection.execute(_AS_DUMPED.encode())
    query = sql.SQL("COPY (SELECT * FROM {} ORDER BY 1) TO STDOUT").format(sql.Identifier(table))
    with connection.cursor().copy(query) as copy:
        return b"".join(map(bytes, copy)).splitlines()


def _run(done: str, program: Path, database: Database, *arguments: str) -> None:
    with database.observe() as connection:
        dsn = connection.info.dsn
    result = subprocess.run(
        [program, "--dbname", dsn, *arguments],
        capture_output=True,
        env={"PGPASSWORD": database.server.password, "PATH": "", "LC_ALL": "C"},
        timeout=_LIMIT_S,
        check=False,
    )
    if result.returncode:
        said = result.stderr.decode(errors="replace").splitlines()[:_SHOWN_LINES]
        raise Violation(
            expected=f"the migrated database can be {done} ({program.name})",
            actual="".join(f"\n  {line}" for line in said),
        )


def _copied_to(target: Database, source: Database, bench: RecoveryBench) -> None:
    """Migrate, then write the rows and the positions of sequences as they are in the source."""
    bench.implementation.migrate(target).expect_accepted("migrate an empty database")
    with bench.observe(source) as reading, bench.observe(target) as writing, writing.transaction():
        snapshot = take_snapshot(reading, bench.schema)
        reading.execute(_AS_DUMPED.encode())
        switch_triggers_off(writing)
        for name, table in snapshot.tables.items():
            if table.kind == "ordinary":
                _copy_rows(reading, writing, sql.Identifier(bench.schema, name))
        for name in snapshot.sequences:
            _copy_position(reading, writing, sql.Identifier(bench.schema, name))


def _copy_rows(
    reading: psycopg.Connection[Any], writing: psycopg.Connection[Any], table: sql.Identifier
) -> None:
    writing.execute(sql.SQL("DELETE FROM {}").format(table))
    with (
        reading.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(table)) as rows,
        writing.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy,
    ):
        for block in rows:
            copy.write(block)


def _copy_position(
    reading: psycopg.Connection[Any], writing: psycopg.Connection[Any], sequence: sql.Identifier
) -> None:
    query = sql.SQL("SELECT last_value, is_called FROM {}").format(sequence)
    name = sequence.as_string(writing)
    position = reading.execute(query).fetchone() or (1, False)
    writing.execute("SELECT setval(%s, %s, %s)", [name, *position])
