"""Brings a database to the newest migration.

One runner at a time, one transaction per migration, and nothing at all unless the files still
agree with what `schema_migrations` records.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .database import Connection, Database, connect
from .migration_files import Migration, MigrationFile, failure, load, read_directory
from .rejections import Rejection

#: Any number would do, as long as every runner uses this one: "chopstks" in ASCII.
ADVISORY_LOCK = 0x63686F7073746B73
SECONDS_BETWEEN_TRIES = 0.02


@dataclass(frozen=True, slots=True)
class Record:
    """A row of `schema_migrations`."""

    version: str
    description: str
    checksum: str


def apply_pending(database: Database, directory: Path) -> list[str]:
    """Apply the migrations not yet recorded, oldest first, and return their versions.

    Each is applied and recorded in one transaction: it is there wholly, with its record, or not
    at all. The first failure ends the run; what was applied before it stays.
    """
    files = read_directory(directory)
    with connect(database) as connection:
        _wait_for_turn(connection)
        recorded = _read_records(connection)
        pending = _pending(files, recorded)
        if not recorded:
            _refuse_foreign_tables(connection)
        migrations = [load(file) for file in pending]
        for migration in migrations:
            _apply(connection, migration)
    return [file.version for file in pending]


def _wait_for_turn(connection: Connection) -> None:
    """Take the lock for the rest of the session: the server frees it even if this process dies.

    By asking again and again, not by waiting inside a statement: a waiting statement holds a
    snapshot, and a CREATE INDEX CONCURRENTLY waits for that. It would deadlock with the runner
    that holds the lock.
    """
    while not _take_lock(connection):
        time.sleep(SECONDS_BETWEEN_TRIES)


def _take_lock(connection: Connection) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK]).fetchone()
    return row == (True,)


def _read_records(connection: Connection) -> list[Record]:
    """In order of version; none where the first migration has yet to create the table."""
    row = connection.execute("SELECT to_regclass('schema_migrations') IS NOT NULL").fetchone()
    if row == (False,):
        return []
    rows = connection.execute("SELECT version, description, checksum FROM schema_migrations")
    return sorted((Record(*row) for row in rows), key=lambda record: record.version)


def _pending(files: Sequence[MigrationFile], recorded: Sequence[Record]) -> list[MigrationFile]:
    """The files to apply, after it is certain that the others are those that were applied."""
    by_version = {file.version: file for file in files}
    for record in recorded:
        file = by_version.pop(record.version, None)
        if file is None:
            raise Rejection(
                "missing_file",
                f"version {record.version} ({record.description}) was applied, but no file "
                f"{record.version}_*.py is there. Put it back: an applied migration is never "
                "deleted.",
            )
        if file.checksum != record.checksum:
            raise Rejection(
                "checksum_mismatch",
                f"{file.path.name} was edited after version {file.version} was applied: recorded "
                f"SHA-256 {record.checksum}, now {file.checksum}. Put the applied file back and "
                "write the change as a new migration.",
            )
    pending = list(by_version.values())
    if recorded and pending and pending[0].version < recorded[-1].version:
        oldest, newest = pending[0], recorded[-1].version
        raise Rejection(
            "out_of_order",
            f"{oldest.path.name} was not applied, but the newer version {newest} was. Rename the "
            f"file to a version after {newest}, so that it runs last everywhere; {oldest.version} "
            "cannot run before what is already there.",
        )
    return pending


def _refuse_foreign_tables(connection: Connection) -> None:
    rows = connection.execute(
        "SELECT tablename FROM pg_catalog.pg_tables"
        " WHERE schemaname = current_schema() ORDER BY tablename"
    )
    if tables := [str(name) for (name,) in rows]:
        raise failure(
            f"the database has tables ({', '.join(tables)}) but no record of a migration in "
            "schema_migrations. Nothing was applied: start from an empty database, or record "
            "the migrations that made these tables."
        )


def _apply(connection: Connection, migration: Migration) -> None:
    try:
        with connection.transaction():
            _record(connection, migration, _run(connection, migration))
    except Rejection:
        raise
    except Exception as error:
        raise failure(f"{migration.file} failed: {error}") from error


def _run(connection: Connection, migration: Migration) -> int:
    """Run the migration's `up` and return how many milliseconds it took."""
    transaction = _transaction_id(connection)
    start = time.monotonic()
    migration.up(connection)
    elapsed = time.monotonic() - start
    if _transaction_id(connection) != transaction:
        raise failure(
            f"{migration.file} ended the transaction it runs in. Take COMMIT and ROLLBACK out of "
            "it: what it did before them is not undone, and it is not recorded."
        )
    return round(elapsed * 1000)


def _transaction_id(connection: Connection) -> object:
    return connection.execute("SELECT pg_current_xact_id()::text").fetchone()


def _record(connection: Connection, migration: Migration, execution_time_ms: int) -> None:
    """`applied_at` is the column's default, the transaction's start: later for each migration."""
    file = migration.file
    connection.execute(
        "INSERT INTO schema_migrations (version, description, checksum, execution_time_ms)"
        " VALUES (%s, %s, %s, %s)",
        [file.version, migration.description, file.checksum, execution_time_ms],
    )
