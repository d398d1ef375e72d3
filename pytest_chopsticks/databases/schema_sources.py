"""Where the pristine state of a database comes from: SQL files, a command, a function."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import psycopg

from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.errors import ConfigurationError, DatabaseUnavailable


@runtime_checkable
class SchemaSource(Protocol):
    """Builds the state that every pristine database starts from.

    `fingerprint` is a digest of everything that shapes the state: equal fingerprints may share
    one template database.
    """

    @property
    def fingerprint(self) -> str: ...

    def build(self, database: Database) -> None: ...


@dataclass(frozen=True, slots=True)
class SqlFiles:
    """Runs SQL files in the order given, each as one batch, as the database's owner."""

    paths: tuple[Path, ...]

    def __init__(self, *paths: Path | str) -> None:
        object.__setattr__(self, "paths", tuple(Path(path) for path in paths))

    @property
    def fingerprint(self) -> str:
        return _digest("sql", *(path.read_text("utf-8") for path in self.paths))

    def build(self, database: Database) -> None:
        with database.connect(autocommit=True) as connection:
            for path in self.paths:
                try:
                    connection.execute(path.read_bytes())
                except psycopg.Error as error:
                    raise DatabaseUnavailable(f"{path}: {error}") from error


@dataclass(frozen=True, slots=True)
class BuiltBy:
    """Calls a function with the empty database."""

    function: Callable[[Database], object]

    @property
    def fingerprint(self) -> str:
        try:
            source = inspect.getsource(self.function)
        except (OSError, TypeError):
            source = repr(self.function)
        return _digest("function", self.function.__module__, source)

    def build(self, database: Database) -> None:
        self.function(database)


def as_schema_source(value: object) -> SchemaSource:
    """Turn what a `chopsticks_template` fixture returned into a source.

    Takes a `SchemaSource`, a path or list of paths to SQL files, or a function of a `Database`.
    """
    if isinstance(value, SchemaSource):
        return value
    if isinstance(value, str | Path):
        return SqlFiles(value)
    if isinstance(value, list | tuple):
        return SqlFiles(*value)
    if callable(value):
        return BuiltBy(value)
    raise ConfigurationError(
        f"chopsticks_template returned {value!r}",
        hint="return the path of an SQL file (or a list of them), a function that takes the"
        " database, or an object with `fingerprint` and `build(database)`",
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
