"""Databases that stopped at some version, with rows in them, and are then brought to the newest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pytest_chopsticks.catalog import Snapshot, differences, take_snapshot
from pytest_chopsticks.databases import Database, Template
from pytest_chopsticks.implementations import Refused
from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.violation import Violation

from .filled_tables import fill_tables
from .migration_history import History, spread

#: A longer history is sampled: from each version all that is left is applied.
MOST_VERSIONS = 8


@dataclass(frozen=True, slots=True)
class Stop:
    """A database with so many rows, after the migration of `file`, or before the first."""

    file: MigrationFile | None
    database: Database
    rows: int

    def __str__(self) -> str:
        version = self.file.version if self.file else "the beginning"
        return f"from {version}, with {self.rows} rows"


def stops(history: History) -> Iterator[Stop]:
    """Databases at some versions before the newest, filled; each is dropped after its turn."""
    with history.database() as walker:
        for file in (None, *spread(history.files[:-1], MOST_VERSIONS)):
            if file is not None:
                history.migrate_up_to(walker, file)
            with _copy(history, walker) as database:
                yield Stop(file, database, fill_tables(database, history.schema))


def expect_brought_to_newest(history: History, stop: Stop, newest: Snapshot) -> None:
    """Raise a violation unless all that is left is applied, with the schema of a new database."""
    outcome = history.implementation.migrate(stop.database)
    if isinstance(outcome, Refused):
        raise Violation(expected=f"{stop}, all that is left is applied", actual=outcome.report)
    with stop.database.observe() as connection:
        found = differences(newest, take_snapshot(connection, history.schema))
    if found:
        raise Violation(
            expected=f"{stop}, migrating ends with the schema of a new database",
            actual="".join(f"\n  {change}" for change in found),
        )
    versions = [version for version, _ in history.records(stop.database)]
    if versions != [file.version for file in history.files]:
        raise Violation(
            expected=f"{stop}, every migration is applied once, in order",
            actual=f"the versions there are: {', '.join(versions) or 'none'}",
        )


@contextmanager
def _copy(history: History, database: Database) -> Iterator[Database]:
    with history.databases.clone(Template(database.name, "")) as copy:
        yield copy
