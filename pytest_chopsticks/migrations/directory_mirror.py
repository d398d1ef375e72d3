"""A copy of a migrations directory from which everything around it can still be reached."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_chopsticks.errors import MigrationFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROJECT_MARKS = ("package.json", "chopsticks.toml", "pyproject.toml", ".git")


@contextmanager
def mirrored(directory: Path) -> Iterator[Path]:
    """Yields a copy of `directory` that may be edited; it is removed at the end.

    The files right in it are real copies. Its subdirectories, and all that lies around it up to
    the top of the project, are symbolic links, so that relative imports, `node_modules` and the
    `type` in a package.json mean the same in the copy.
    """
    directory = directory.resolve()
    if not directory.is_dir():
        raise MigrationFileError(f"the migrations directory {directory} is not there")
    top = _project_top(directory)
    with tempfile.TemporaryDirectory(prefix="pytest-chopsticks-edition-") as temporary:
        original, copy = top, Path(temporary)
        for name in directory.relative_to(top).parts:
            _link_entries(original, copy, besides=name)
            original, copy = original / name, copy / name
            copy.mkdir()
        _copy_files(original, copy)
        yield copy


def _project_top(directory: Path) -> Path:
    """The outermost directory above with the marks of a project: a monorepo, not a part of it."""
    above = list(takewhile(_can_be_listed, directory.parents))
    marked = (p for p in reversed(above) if any((p / mark).exists() for mark in _PROJECT_MARKS))
    return next(marked, directory.parent)


def _can_be_listed(directory: Path) -> bool:
    return os.access(directory, os.R_OK | os.X_OK)


def _link_entries(original: Path, copy: Path, *, besides: str) -> None:
    for entry in original.iterdir():
        if entry.name != besides:
            (copy / entry.name).symlink_to(entry)


def _copy_files(original: Path, copy: Path) -> None:
    for entry in original.iterdir():
        # Compiled modules of the originals could be taken for those of the edited files.
        if entry.name == "__pycache__":
            continue
        if entry.is_dir():
            (copy / entry.name).symlink_to(entry)
        else:
            shutil.copy(entry, copy / entry.name)
