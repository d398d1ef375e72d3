"""Looks for a token everywhere it could lie: in rows, in a dump, in files, in the server's log."""

from __future__ import annotations

import mmap
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.databases import Database
from pytest_chopsticks.servers import Server
from pytest_chopsticks.violation import Violation

from .token_spellings import Spelling, found_in

Spellings = tuple[Spelling, ...]

_LOGGING = {
    "log_statement": "all",
    "log_min_duration_statement": "0",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
}


@dataclass(frozen=True, slots=True)
class LogPart:
    """What a log has from a position in bytes on."""

    log: Path
    start: int

    def read(self) -> bytes:
        with self.log.open("rb") as file:
            file.seek(self.start)
            return file.read()


_TABLES = """
SELECT n.nspname, c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_DUMP_LIMIT_S = 60


def expect_not_in_rows(observer: psycopg.Connection[Any], looked_for: Spellings) -> None:
    """Search every column of every row, each table as `COPY` would write it."""
    for schema, table in observer.execute(_TABLES).fetchall():
        query = sql.SQL("SELECT whole_row::text FROM {} AS whole_row").format(
            sql.Identifier(schema, table)
        )
        for (row,) in observer.execute(query):
            _expect_absent(row.encode(), looked_for, f"table {table}")


def expect_not_in_dump(database: Database, program: Path, looked_for: Spellings) -> None:
    """Search what pg_dump writes: comments, functions and large objects as well."""
    with database.observe() as connection:
        environment = {"PGPASSWORD": database.server.password, "PATH": ""}
        dsn = connection.info.dsn
    dump = subprocess.run(
        [program, "--dbname", dsn, "-b"],
        capture_output=True,
        env=environment,
        timeout=_DUMP_LIMIT_S,
        check=False,
    )
    if dump.returncode == 0:
        _expect_absent(dump.stdout, looked_for, "a dump (pg_dump)")


def expect_not_in_files(directory: Path, looked_for: Spellings, what: str) -> None:
    """Search each file below a directory; one that goes meanwhile holds nothing any more."""
    for file in sorted(directory.rglob("*")):
        with _mapped(file) as content:
            if content is not None:
                _expect_absent(content, looked_for, f"{what} ({file.relative_to(directory)})")


@contextmanager
def server_log(database: Database) -> Iterator[LogPart | None]:
    """What the server logs meanwhile, with all statements of new sessions in the database.

    None where its log cannot be read: it lies next to the data directory of a server of ours.
    """
    directory = readable(database.server.data_directory)
    log = directory.parent / "log" if directory else None
    if log is None or not log.is_file():
        yield None
        return
    part = LogPart(log, log.stat().st_size)
    with database.observe(autocommit=True) as connection:
        _set_for_new_sessions(connection, database, _LOGGING)
    yield part
    with database.observe(autocommit=True) as connection:
        _set_for_new_sessions(connection, database, dict.fromkeys(_LOGGING))


def expect_not_in_log(part: LogPart | None, looked_for: Spellings) -> None:
    """Search a part of the server's log."""
    if part is not None:
        _expect_absent(part.read(), looked_for, "the server's log, with every statement in it")


def dump_program(observer: psycopg.Connection[Any], server: Server) -> Path | None:
    """The pg_dump of a server of ours, if it came with one."""
    if server.data_directory is None:
        return None
    row = observer.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
    program = Path(row[0] if row else "") / "pg_dump"
    return program if program.is_file() else None


def readable(directory: Path | None) -> Path | None:
    """The directory if its files can be read by us."""
    try:
        return directory if directory and any(directory.iterdir()) else None
    except OSError:
        return None


@contextmanager
def _mapped(file: Path) -> Iterator[mmap.mmap | None]:
    try:
        if not file.is_file() or not file.stat().st_size:
            yield None
            return
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as m:
            yield m
    except OSError:
        yield None


def _expect_absent(content: bytes | mmap.mmap, looked_for: Spellings, where: str) -> None:
    if found := found_in(content, looked_for):
        raise Violation(
            expected=f"the token of an agent is nowhere in {where}",
            actual=f"{where} holds it, {found.name}",
        )


def _set_for_new_sessions(
    connection: psycopg.Connection[Any], database: Database, settings: Mapping[str, str | None]
) -> None:
    for name, value in settings.items():
        change = sql.SQL("ALTER DATABASE {} SET {} = {}" if value else "ALTER DATABASE {} RESET {}")
        parts = [sql.Identifier(database.name), sql.Identifier(name)]
        connection.execute(
            change.format(*parts, sql.Literal(value)) if value else change.format(*parts)
        )
