"""Defaults that one of the implementation's own migrations changed: the document allows that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from psycopg import sql

from pytest_chopsticks.catalog import Snapshot, changes, differences
from pytest_chopsticks.databases import Database
from pytest_chopsticks.implementations import Accepted
from pytest_chopsticks.implementations.baseline import beginning_of
from pytest_chopsticks.migrations.editions import Only, edition
from pytest_chopsticks.migrations.files import MigrationFile, list_migrations
from pytest_chopsticks.run import Run

from .canonical_schema import TABLES, Column, Table
from .column_probes import default_fits
from .schema_location import locate_schema

#: Table and column, with a sentence that says what changed and where.
ChangedDefaults = Mapping[tuple[str, str], str]


def find_changed_defaults(run: Run, canonical: Snapshot, found: Snapshot) -> ChangedDefaults:
    """Return the defaults that were the document's until a later migration changed them.

    Costs nothing unless a default differs; then the history is applied step by step until each
    such default has been seen as the document has it.
    """
    suspects = {
        (change.table, change.column): str(change)
        for change in differences(canonical, found)
        if isinstance(change, changes.DefaultChanged | changes.DefaultAdded)
    }
    migrations = run.target.migrations if run.target else None
    if not suspects or migrations is None or not run.implementation.takes_migrations:
        return {}
    seen: dict[tuple[str, str], str] = {}
    for last in list_migrations(migrations)[:-1]:
        for key in _fitting(run, last, suspects.keys() - seen.keys()):
            seen[key] = f"{suspects[key]} in a migration after {last.version}"
    return seen


def _fitting(
    run: Run, last: MigrationFile, suspects: set[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    directory = last.path.parent
    names = tuple(file.name for file in list_migrations(directory) if file <= last)
    assert run.target is not None
    beginning = beginning_of(run.target, run.databases, run.options.time_limit)
    with run.databases.clone(beginning) as database, edition(directory, Only(names)) as prefix:
        if isinstance(run.implementation.migrate(database, prefix), Accepted):
            yield from [key for key in suspects if _fits(database, *key)]


def _fits(database: Database, table_name: str, column_name: str) -> bool:
    table, column = _find(table_name, column_name)
    with database.observe() as observer:
        schema = sql.Identifier(locate_schema(observer))
    with database.connect() as connection:
        connection.execute(sql.SQL("SET LOCAL search_path TO {}, public").format(schema))
        fits = default_fits(connection, table, column)
        connection.rollback()
    return fits


def _find(table_name: str, column_name: str) -> tuple[Table, Column]:
    table = next(table for table in TABLES if table.name == table_name)
    return table, table.column(column_name)
