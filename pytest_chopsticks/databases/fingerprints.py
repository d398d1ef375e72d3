"""Digests of what shapes a database's pristine state."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_chopsticks.errors import ConfigurationError


def digest(*parts: str | bytes) -> str:
    """The digest of some texts, in that order, no two sequences of which look the same."""
    hashed = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        hashed.update(b"%d:" % len(content))
        hashed.update(content)
    return hashed.hexdigest()


def digest_of_files(paths: Iterable[Path]) -> str:
    """The digest of the names and contents of files; raises `ConfigurationError`."""
    parts: list[str | bytes] = []
    for path in paths:
        try:
            parts += [str(path), path.read_bytes()]
        except OSError as error:
            raise ConfigurationError(
                f"{path} cannot be read: {error.strerror}",
                hint="name a file that exists, relative to pytest's root directory",
            ) from error
    return digest(*parts)


def input_files(root: Path, patterns: Sequence[str]) -> list[Path]:
    """The files that the patterns match below `root`, and all in the directories they match.

    Raises `ConfigurationError` for a pattern that matches nothing: what it was meant for would
    change without being noticed.
    """
    found: set[Path] = set()
    for pattern in patterns:
        matches = set(root.glob(pattern))
        if not matches:
            raise ConfigurationError(
                f"inputs: nothing in {root} matches {pattern!r}",
                hint='name the files that shape the schema, e.g. inputs=["migrations/**"]',
            )
        found |= matches | {below for path in matches for below in files_below(path)}
    return sorted(path for path in found if path.is_file())


def files_below(directory: Path) -> list[Path]:
    """All files of a directory but for what Python compiles."""
    return sorted(
        path
        for path in directory.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    )
