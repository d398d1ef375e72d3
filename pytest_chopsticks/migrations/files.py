"""Migration files: which there are, and what their names and bytes say."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pytest_chopsticks.errors import MigrationFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SUFFIXES = (".js", ".mjs", ".cjs", ".py", ".sql")
JAVASCRIPT_SUFFIXES = (".js", ".mjs", ".cjs")

_NAME = re.compile(r"(?P<version>[0-9]{8}_[0-9]{6})(?:_(?P<description>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class MigrationFile:
    """One migration; files sort by name, which is the order in which they are applied."""

    name: str
    path: Path

    @property
    def suffix(self) -> str:
        return self.path.suffix

    @property
    def version(self) -> str:
        """`YYYYMMDD_HHMMSS`, or all before the suffix where the name begins otherwise."""
        match = _NAME.fullmatch(self.path.stem)
        return match["version"] if match else self.path.stem

    @property
    def description(self) -> str:
        """The part of the name behind the version; empty where there is none."""
        match = _NAME.fullmatch(self.path.stem)
        return (match["description"] or "") if match else ""

    @property
    def content(self) -> bytes:
        """The bytes; raises MigrationFileError when the file cannot be read."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise MigrationFileError(f"{self.path} cannot be read: {error.strerror}") from error

    @property
    def checksum(self) -> str:
        """The SHA-256 of the bytes, in hex: what schema_migrations records."""
        return hashlib.sha256(self.content).hexdigest()


def list_migrations(directory: Path) -> tuple[MigrationFile, ...]:
    """The migration files right in `directory`, in the order in which they are applied.

    Hidden files, `__init__.py` and files with other suffixes are no migrations. Raises
    MigrationFileError when the directory cannot be listed.
    """
    try:
        entries = list(directory.iterdir())
    except OSError as error:
        raise MigrationFileError(
            f"the migrations directory {directory} cannot be listed: {error.strerror}",
            hint="chopsticks.toml names it: [implementation] migrations.",
        ) from error
    return tuple(sorted(MigrationFile(path.name, path) for path in entries if _is_migration(path)))


def name_problem(file: MigrationFile) -> str | None:
    """What is wrong with the name, or None (document: Migration Process, step 1)."""
    match = _NAME.fullmatch(file.path.stem)
    if match is None:
        return "does not begin with YYYYMMDD_HHMMSS"
    try:
        datetime.strptime(match["version"], "%Y%m%d_%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return f"{match['version']} is not a real date and time"
    return None if match["description"] else "has no description behind the date and time"


def duplicate_versions(
    files: Iterable[MigrationFile],
) -> Mapping[str, tuple[MigrationFile, ...]]:
    """The versions that more than one file has, with those files."""
    by_version: defaultdict[str, list[MigrationFile]] = defaultdict(list)
    for file in files:
        by_version[file.version].append(file)
    return {version: tuple(same) for version, same in by_version.items() if len(same) > 1}


def _is_migration(path: Path) -> bool:
    return (
        path.suffix in SUFFIXES
        and not path.name.startswith(".")
        and path.name != "__init__.py"
        and path.is_file()
    )
