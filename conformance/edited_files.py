"""Edits of applied migration files, each of which makes another checksum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_chopsticks.compatibility.reading import EditKind, edit_kind
from pytest_chopsticks.migrations.editions import (
    AppendedByte,
    ByteOrderMark,
    Edit,
    OtherLineEndings,
    Swapped,
    edition,
)
from pytest_chopsticks.migrations.files import MigrationFile

from .migration_history import a_few


@dataclass(frozen=True, slots=True)
class EditedFile:
    """An edit of an applied file, what it did, in words, and the versions to be named: any of."""

    file: MigrationFile
    edit: Edit
    done: str
    versions: tuple[str, ...]

    @property
    def told(self) -> str:
        return f"{self.file.name} {self.done} after it was applied ({self.kind.value})"

    @property
    def kind(self) -> EditKind:
        """Whether the edit changed what the file does, or only how it looks."""
        with edition(self.file.path.parent, self.edit) as edited:
            after = (edited / self.file.name).read_bytes()
        return edit_kind(self.file.content, after, self.file.suffix)


def edited_files(files: Sequence[MigrationFile]) -> Iterator[EditedFile]:
    """Of the first, the middle and the last file; the bytes change, most of them harmlessly."""
    for file in a_few(files):
        yield _edited(file, AppendedByte(file.name), "got one more byte, a line feed,")
    oldest, newest = files[0], files[-1]
    if b"\n" in newest.content:
        yield _edited(newest, OtherLineEndings(newest.name), "got other line endings")
    yield _edited(newest, ByteOrderMark(newest.name), "got or lost a byte order mark")
    if oldest.content != newest.content:
        done = f"and {oldest.name} got each other's content"
        versions = (oldest.version, newest.version)
        yield EditedFile(newest, Swapped(oldest.name, newest.name), done, versions)


def _edited(file: MigrationFile, edit: Edit, done: str) -> EditedFile:
    return EditedFile(file, edit, done, (file.version,))
