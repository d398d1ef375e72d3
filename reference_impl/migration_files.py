"""Migration files: which there are, what they are called, and what they do."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from inspect import iscoroutinefunction
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from .rejections import Rejection

_NAME = re.compile(r"(?P<version>[0-9]{8}_[0-9]{6})_\w+\.py", re.ASCII)


def failure(message: str) -> Rejection:
    """A migration, or the directory of migrations, cannot be applied."""
    return Rejection("migration_failed", message)


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """A file as it was read, once: what is hashed is what runs."""

    path: Path
    version: str
    content: bytes = field(repr=False)

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def __str__(self) -> str:
        return f"migration {self.version} ({self.path.name})"


@dataclass(frozen=True, slots=True)
class Migration:
    """A file whose code was loaded."""

    file: MigrationFile
    description: str
    up: Callable[[Any], object]


def read_directory(directory: Path) -> list[MigrationFile]:
    """All migration files, in order of version; a name that says none or a double is refused."""
    if not directory.is_dir():
        raise failure(f"there is no migrations directory {directory}")
    files = sorted(map(_read, _candidates(directory)), key=lambda file: file.version)
    _refuse_double_versions(files)
    return files


def load(file: MigrationFile) -> Migration:
    """Run the file as a module, without importing it: no bytecode is left beside it."""
    module = ModuleType(file.path.stem)
    module.__file__ = str(file.path)
    try:
        exec(compile(file.content, str(file.path), "exec"), module.__dict__)  # noqa: S102
    except Exception as error:
        raise failure(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error
    description = getattr(module, "description", None)
    if not isinstance(description, str) or not description.strip():
        raise failure(f'{file} has no description: add description = "…"')
    up = getattr(module, "up", None)
    # An async up would be recorded as applied without ever having run.
    if not callable(up) or iscoroutinefunction(up):
        raise failure(f"{file} has no up: add def up(client), without async")
    return Migration(file, description, up)


def _candidates(directory: Path) -> Iterator[Path]:
    """Python files and whatever begins like a version, so that a mistyped name is not ignored."""
    for path in directory.iterdir():
        if path.is_file() and (path.suffix == ".py" or path.name[0] in "0123456789"):
            yield path


def _read(path: Path) -> MigrationFile:
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise failure(
            f"{path.name} is not a migration's name: YYYYMMDD_HHMMSS_description.py is expected"
        )
    version = match["version"]
    try:
        datetime.strptime(version, "%Y%m%d_%H%M%S")
    except ValueError:
        raise failure(f"{path.name}: {version} is not a date and time") from None
    return MigrationFile(path, version, path.read_bytes())


def _refuse_double_versions(files: list[MigrationFile]) -> None:
    for earlier, later in pairwise(files):
        if earlier.version == later.version:
            names = " and ".join(sorted((earlier.path.name, later.path.name)))
            raise failure(f"{names} have the same version {later.version}")
