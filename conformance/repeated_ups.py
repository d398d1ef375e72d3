"""Migrations that are applied, taken back and applied again."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_chopsticks.catalog import differences, take_snapshot
from pytest_chopsticks.databases import Database
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.migrations.parts import read_parts
from pytest_chopsticks.migrations.run_migration import run_down, run_up
from pytest_chopsticks.violation import Violation

from .migration_history import History, spread
from .schema_location import search_path

#: A longer history is sampled.
MOST_FILES = 8


def expect_applicable_again(history: History) -> Iterator[str]:
    """Raise a violation when `up` after `down` fails, or makes another schema than `up` alone.

    Yields why a migration with a `down` could not be tried, such as one that cannot run in a
    transaction.
    """
    with_down = [file for file in history.files if read_parts(file).has_down]
    with history.database() as database:
        for file in spread(with_down, MOST_FILES):
            history.migrate_before(database, file)
            if reason := _apply_twice(history, database, file):
                yield f"{file.name}: {reason}"


def _apply_twice(history: History, database: Database, file: MigrationFile) -> str | None:
    """Apply, take back, apply; undone at the end. Why it could not be tried, if it could not."""
    with database.connect() as connection:
        connection.execute(search_path(history.schema))
        try:
            run_up(file, connection)
            once = take_snapshot(connection, history.schema)
            run_down(file, connection)
        except MigrationFileError as error:
            connection.rollback()
            return error.message.splitlines()[0]
        expected = f"up of {file.name} gives the same schema again after down"
        try:
            run_up(file, connection)
        except MigrationFileError as error:
            raise Violation(expected=expected, actual=error.message) from error
        again = take_snapshot(connection, history.schema)
        connection.rollback()
    if changed := differences(once, again):
        raise Violation(expected=expected, actual="".join(f"\n  {change}" for change in changed))
    return None
