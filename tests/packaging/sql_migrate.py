"""Somebody else's migration runner: SQL files, one transaction each, one runner at a time."""

import hashlib
import os
import sys
import time
from pathlib import Path
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]


def main(directory: str) -> None:
    paths = sorted(Path(directory).glob("*.sql"))
    files = {path.name[:15]: path for path in paths}
    if doubled := {path.name[:15] for path in paths if files[path.name[:15]] != path}:
        sys.exit(f"more than one file of version {', '.join(sorted(doubled))}")
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(20260214)")
        recorded = read_records(connection)
        check(files, recorded)
        for version in files.keys() - recorded.keys():
            if recorded and version < max(recorded):
                sys.exit(f"{version} is older than what was applied")
        for version, path in files.items():
            if version not in recorded:
                apply(connection, version, path)


def read_records(connection: Connection) -> dict[str, str]:
    if connection.execute("SELECT to_regclass('schema_migrations')").fetchone() == (None,):
        return {}
    return dict(connection.execute("SELECT version, checksum FROM schema_migrations").fetchall())


def check(files: dict[str, Path], recorded: dict[str, str]) -> None:
    for version, checksum in recorded.items():
        if version not in files:
            sys.exit(f"{version} was applied, but its file is gone")
        if checksum_of(files[version]) != checksum:
            sys.exit(f"{version} was edited after it was applied")


def apply(connection: Connection, version: str, path: Path) -> None:
    start = time.monotonic()
    try:
        with connection.transaction():
            connection.execute(path.read_bytes())
            took = round(1000 * (time.monotonic() - start))
            connection.execute(
                "INSERT INTO schema_migrations (version, description, checksum, execution_time_ms)"
                " VALUES (%s, %s, %s, %s)",
                [version, path.stem[16:].replace("_", " "), checksum_of(path), took],
            )
    except psycopg.Error as error:
        sys.exit(f"{version} failed: {error}")


def checksum_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


main(sys.argv[1])
