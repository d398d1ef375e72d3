"""Edited copies of a migrations directory: the same history with something wrong in it.

with edition(directory, Without("20260214_000000_schema.sql")) as edited:
    implementation.migrate(database, edited)
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.directory_mirror import mirrored
from pytest_chopsticks.migrations.extra_migration import write_extra_migration
from pytest_chopsticks.migrations.files import MigrationFile, list_migrations
from pytest_chopsticks.migrations.injected_failure import inject_failure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Only:
    """Keeps these migration files and removes the others."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """Removes this migration file."""

    name: str


@dataclass(frozen=True, slots=True)
class AppendedByte:
    """Adds one line feed to the end of this migration file: harmless, but another checksum."""

    name: str


@dataclass(frozen=True, slots=True)
class FailureAtEnd:
    """Lets `up` of this migration file fail in the database after all else that it does."""

    name: str


@dataclass(frozen=True, slots=True)
class ExtraMigration:
    """Adds a migration of this version, which creates a table `chopsticks_extra_<version>`.

    It is written in the language, and in the shape, of the first file there.
    """

    version: str


Edit: TypeAlias = Only | Without | AppendedByte | FailureAtEnd | ExtraMigration


@contextmanager
def edition(directory: Path, *edits: Edit) -> Iterator[Path]:
    """Yields a copy of `directory` with the edits made in order; it is removed at the end.

    Raises MigrationFileError when an edit names a file that is not there, or one that cannot be
    understood.
    """
    with mirrored(directory) as copy:
        for edit in edits:
            _make(edit, copy, directory)
        yield copy


def _make(edit: Edit, copy: Path, original: Path) -> None:
    match edit:
        case Only(names):
            kept = {_file(copy, name) for name in names}
            for file in set(list_migrations(copy)) - kept:
                file.path.unlink()
        case Without(name):
            _file(copy, name).path.unlink()
        case AppendedByte(name):
            file = _file(copy, name)
            file.path.write_bytes(file.content + b"\n")
        case FailureAtEnd(name):
            inject_failure(_file(copy, name), original / name)
        case ExtraMigration(version):
            write_extra_migration(copy, version, list_migrations(original))


def _file(directory: Path, name: str) -> MigrationFile:
    files = {file.name: file for file in list_migrations(directory)}
    if name not in files:
        raise MigrationFileError(
            f"there is no migration file {name}", hint=f"There are: {', '.join(files) or 'none'}."
        )
    return files[name]
