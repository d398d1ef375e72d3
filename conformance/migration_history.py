"""An implementation's history of migrations, applied in parts and in edited copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from psycopg import sql

from pytest_chopsticks.databases import Database, DatabaseProvider, Template
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.implementations import Accepted, Implementation, Outcome, Refused, Target
from pytest_chopsticks.migrations.editions import Edit, Only, edition
from pytest_chopsticks.migrations.files import MigrationFile, list_migrations, name_problem
from pytest_chopsticks.violation import Violation

from .canonical_schema import SCHEMA_MIGRATIONS, TABLES
from .database_state import DatabaseState, state_of
from .schema_location import locate_schema

RECORDS = SCHEMA_MIGRATIONS.name

_VERSION = "%Y%m%d_%H%M%S"
_T = TypeVar("_T")

#: Applies an edited copy of the directory.
Migrate = Callable[[Edit], Outcome]


@dataclass(frozen=True)
class History:
    """The files, what applies them, and where databases to apply them to come from.

    `beginning` is what the first migration finds; `schema` is where the tables are.
    """

    implementation: Implementation
    directory: Path
    databases: DatabaseProvider
    beginning: Template
    schema: str

    @property
    def files(self) -> tuple[MigrationFile, ...]:
        return list_migrations(self.directory)

    def database(self) -> AbstractContextManager[Database]:
        """A database at the beginning."""
        return self.databases.clone(self.beginning)

    def edition(self, *edits: Edit) -> AbstractContextManager[Path]:
        """An edited copy of the directory."""
        return edition(self.directory, *edits)

    def migrate(self, database: Database, *edits: Edit) -> Outcome:
        """Apply an edited copy."""
        with self.edition(*edits) as edited:
            return self.implementation.migrate(database, edited)

    def migrate_before(
        self, database: Database, file: MigrationFile, by: Migrate | None = None
    ) -> None:
        """Apply all that comes before a file; raises ImplementationFault when that is refused.

        `by` applies an edited copy, where it is not to be a run of its own.
        """
        self._migrate_only([one for one in self.files if one < file], by or self._on(database))

    def migrate_up_to(self, database: Database, file: MigrationFile) -> None:
        """Apply a file and all that comes before it."""
        self._migrate_only([one for one in self.files if one <= file], self._on(database))

    def state_of(self, database: Database) -> DatabaseState:
        """The state, but for the rows of tables that the runner has for itself."""
        return state_of(database, self.schema).without_rows_of(self._own_tables)

    @cached_property
    def _own_tables(self) -> frozenset[str]:
        """What a runner creates that has no migration to apply, such as a table for its lock."""
        with self.database() as database:
            before = state_of(database, self.schema).snapshot.tables
            self.migrate(database, Only(()))
            after = state_of(database, self.schema).snapshot.tables
        return frozenset(after.keys() - before.keys() - {table.name for table in TABLES})

    def records(self, database: Database) -> list[tuple[str, str]]:
        """Version and checksum of every record, in the order in which they were applied."""
        with database.observe() as connection:
            where = sql.Identifier(locate_schema(connection), RECORDS)
            name = where.as_string(connection)
            row = connection.execute("SELECT to_regclass(%s) IS NULL", [name]).fetchone()
            if row == (True,):
                return []
            query = sql.SQL("SELECT version, checksum FROM {} ORDER BY applied_at, version").format(
                where
            )
            return connection.execute(query).fetchall()

    def _on(self, database: Database) -> Migrate:
        return partial(self.migrate, database)

    def _migrate_only(self, files: Sequence[MigrationFile], migrate: Migrate) -> None:
        outcome = migrate(Only(tuple(file.name for file in files)))
        # A runner may refuse an empty directory.
        if files:
            outcome.expect_accepted(f"apply the migrations up to {files[-1].name}")


def directory_of(target: Target) -> Path:
    """The directory of migration files; requirements that need it are not claimed without."""
    assert target.migrations is not None
    return target.migrations


def a_few(files: Sequence[_T]) -> list[_T]:
    """The first, the middle and the last: a runner may look at one end only."""
    return spread(files, 3)


def spread(items: Sequence[_T], most: int) -> list[_T]:
    """At most so many, at equal distances, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    step = (len(items) - 1) / (most - 1) if most > 1 else 0
    return [items[round(number * step)] for number in range(most)]


def version_before(files: Sequence[MigrationFile]) -> str:
    """A free version just before the newest; raises `MigrationFileError` if that has no time."""
    return _free_version(files, timedelta(seconds=-1))


def version_after(files: Sequence[MigrationFile]) -> str:
    """The same, just after the newest."""
    return _free_version(files, timedelta(seconds=1))


def expect_reported(outcome: Accepted | Refused, version: str, what: str) -> None:
    """Expect that the implementation said something that names the version."""
    expect_one_reported(outcome, (version,), what)


def expect_one_reported(outcome: Accepted | Refused, versions: Sequence[str], what: str) -> None:
    """Expect that it said something that names one of the versions."""
    said = outcome.report if isinstance(outcome, Refused) else outcome.output
    if not any(version in said for version in versions):
        raise Violation(
            expected=f"a report that names {' or '.join(versions)}, since {what}",
            actual=f"it says: {said.strip() or 'nothing'}",
        )


def _free_version(files: Sequence[MigrationFile], step: timedelta) -> str:
    newest = files[-1]
    if problem := name_problem(newest):
        raise MigrationFileError(f"{newest.name} {problem}")
    taken = {file.version for file in files}
    moment = datetime.strptime(newest.version, _VERSION)
    while moment.strftime(_VERSION) in taken:
        moment += step
    return moment.strftime(_VERSION)
