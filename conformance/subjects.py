"""What the placeholders of requirement ids expand to: parts of the canonical schema, or files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pytest_chopsticks.migrations.files import MigrationFile, list_migrations
from pytest_chopsticks.requirements import Subject

from .canonical_schema import TABLES, Check, Column, Index, Table


def subjects_of(each: str, migrations: Path | None) -> tuple[Subject, ...]:
    """Expand one kind of subject; `migrations` is the implementation's directory, if it has one."""
    if is_about_files(each):
        return tuple(_OF_FILES[each](migrations)) if migrations else ()
    return tuple(_OF_SCHEMA[each]())


def is_about_files(each: str) -> bool:
    """Whether the subjects are the implementation's own migration files."""
    return each in _OF_FILES


def _tables() -> Iterator[Subject]:
    for table in TABLES:
        yield _subject(table, table.name, table)


def _columns() -> Iterator[Subject]:
    for table in TABLES:
        for column in table.columns:
            value: tuple[Table, Column] = (table, column)
            yield _subject(table, f"{table.name}.{column.name}", value, column=column.name)


def _unique() -> Iterator[Subject]:
    for table in TABLES:
        for columns in table.unique:
            key = ",".join(columns)
            yield _subject(table, f"{table.name}.{key}", (table, columns), columns=key)


def _checks() -> Iterator[Subject]:
    for table in TABLES:
        for check in table.checks:
            value: tuple[Table, Check] = (table, check)
            yield _subject(table, f"{table.name}.{check.column}", value, column=check.column)


def _indexes() -> Iterator[Subject]:
    for table in TABLES:
        for index in table.indexes:
            yield _index(table, index)


def _named_indexes() -> Iterator[Subject]:
    for table in TABLES:
        for index in table.indexes:
            if index.name is not None:
                yield _index(table, index)


def _index(table: Table, index: Index) -> Subject:
    key = ",".join(index.columns)
    keys = ", ".join(f"{name} DESC" if index.descending else name for name in index.columns)
    words = {"columns": key, "keys": keys, "name": index.name or ""}
    return _subject(table, f"{table.name}.{key}", (table, index), **words)


def _files(migrations: Path) -> Iterator[Subject]:
    for file in list_migrations(migrations):
        yield Subject(file.path.name, {"file": file.path.name}, file)


def _versions(migrations: Path) -> Iterator[Subject]:
    seen: dict[str, MigrationFile] = {}
    for file in list_migrations(migrations):
        seen.setdefault(file.version, file)
    for version, file in seen.items():
        yield Subject(version, {"version": version}, file)


def _subject(table: Table, key: str, value: object, **words: str) -> Subject:
    return Subject(key, {"table": table.name, "section": table.section, **words}, value)


_OF_SCHEMA: Mapping[str, Callable[[], Iterator[Subject]]] = {
    "table": _tables,
    "column": _columns,
    "unique": _unique,
    "check": _checks,
    "index": _indexes,
    "named-index": _named_indexes,
}
_OF_FILES: Mapping[str, Callable[[Path], Iterator[Subject]]] = {
    "migration-file": _files,
    "migration-version": _versions,
}
