"""Edited copies of a migrations directory: the same history with something wrong in it.

with edition(directory, Without("20260214_000000_schema.sql")) as edited:
    implementation.migrate(database, edited)
"""

from __future__ import annotations

import codecs
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.directory_mirror import mirrored
from pytest_chopsticks.migrations.extra_migration import write_extra_migration
from pytest_chopsticks.migrations.files import MigrationFile, list_migrations
from pytest_chopsticks.migrations.interruption import Interruption, interrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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
class OtherLineEndings:
    """Writes every line ending of this migration file as CR LF, or as LF where it had CR LF."""

    name: str


@dataclass(frozen=True, slots=True)
class ByteOrderMark:
    """Begins this migration file with the UTF-8 byte order mark, or takes away the one it has."""

    name: str


@dataclass(frozen=True, slots=True)
class Swapped:
    """Gives each of two migration files the content of the other."""

    name: str
    other: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """Gives this migration file another version; the rest of its name stays."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Lets `up` of this migration file run one more statement, such as one that fails."""

    name: str
    interruption: Interruption


@dataclass(frozen=True, slots=True)
class ExtraMigration:
    """Adds a migration of this version, which creates a table `chopsticks_extra_<version>`.

    It is written in the language, and in the shape, of the first file there.
    """

    version: str


Edit: TypeAlias = (
    Only
    | Without
    | AppendedByte
    | OtherLineEndings
    | ByteOrderMark
    | Swapped
    | Renamed
    | Interrupted
    | ExtraMigration
)


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
            _rewrite(_file(copy, name), lambda content: content + b"\n")
        case OtherLineEndings(name):
            _rewrite(_file(copy, name), _with_other_line_endings)
        case ByteOrderMark(name):
            _rewrite(_file(copy, name), _with_or_without_mark)
        case Swapped(name, other):
            _swap(_file(copy, name), _file(copy, other))
        case Renamed(name, version):
            file = _file(copy, name)
            file.path.rename(copy / f"{version}{name.removeprefix(file.version)}")
        case Interrupted(name, interruption):
            interrupt(_file(copy, name), original / name, interruption)
        case ExtraMigration(version):
            write_extra_migration(copy, version, list_migrations(original))


def _rewrite(file: MigrationFile, edit: Callable[[bytes], bytes]) -> None:
    file.path.write_bytes(edit(file.content))


def _with_other_line_endings(content: bytes) -> bytes:
    if b"\r\n" in content:
        return content.replace(b"\r\n", b"\n")
    return content.replace(b"\n", b"\r\n")


def _with_or_without_mark(content: bytes) -> bytes:
    if content.startswith(codecs.BOM_UTF8):
        return content.removeprefix(codecs.BOM_UTF8)
    return codecs.BOM_UTF8 + content


def _swap(file: MigrationFile, other: MigrationFile) -> None:
    content = file.content
    file.path.write_bytes(other.content)
    other.path.write_bytes(content)


def _file(directory: Path, name: str) -> MigrationFile:
    files = {file.name: file for file in list_migrations(directory)}
    if name not in files:
        raise MigrationFileError(
            f"there is no migration file {name}", hint=f"There are: {', '.join(files) or 'none'}."
        )
    return files[name]
