"""Where the pristine state of a database comes from: SQL files, a function, anything that builds.

A source that runs a program is of the next layer: see `implementations.command_source`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, cast

import psycopg

from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.databases.fingerprints import digest, digest_of_files, input_files
from pytest_chopsticks.errors import ConfigurationError, DatabaseUnavailable


class SchemaSource(Protocol):
    """Builds the state that every pristine database starts from.

    `fingerprint` is a digest of everything that shapes the state: equal fingerprints may share
    one template database. A source may have an attribute `lasting`: true says that this holds
    from run to run, so that a later run need not build what this one has built. It may have a
    method `below(root)`: it returns the source with its relative paths below that directory.
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
        return digest("sql", digest_of_files(self.paths))

    @property
    def lasting(self) -> bool:
        return True

    def below(self, root: Path) -> SqlFiles:
        return SqlFiles(*(root / path for path in self.paths))

    def build(self, database: Database) -> None:
        with database.connect(autocommit=True) as connection:
            for path in self.paths:
                try:
                    connection.execute(path.read_bytes())
                except psycopg.Error as error:
                    raise DatabaseUnavailable(f"{path}: {error}") from error


@dataclass(frozen=True, slots=True)
class BuiltBy:
    """Calls a function with the empty database.

    `inputs` are patterns of the files below the root directory that decide what it builds, the
    function's own file apart. With them a later run uses what this one has built, as long as
    neither changes; without them it is called in every run.
    """

    function: Callable[[Database], object]
    inputs: Sequence[str] = ()
    root: Path = Path()

    @property
    def fingerprint(self) -> str:
        files = input_files(self.root, self.inputs)
        return digest("function", *_code_of(self.function), digest_of_files(files))

    @property
    def lasting(self) -> bool:
        return bool(self.inputs)

    def below(self, root: Path) -> BuiltBy:
        return replace(self, root=root / self.root)

    def build(self, database: Database) -> None:
        self.function(database)


def _code_of(function: Callable[[Database], object]) -> list[str]:
    """A function's own text, that of its file, and the values it closes over."""
    try:
        enclosed = inspect.getclosurevars(function).nonlocals
        own, file = inspect.getsource(function), Path(inspect.getfile(function)).read_text("utf-8")
    except (OSError, TypeError, ValueError):
        return [repr(function)]
    return [own, file, repr(sorted(enclosed.items())), repr(function.__defaults__)]


def as_schema_source(value: object, root: Path = Path()) -> SchemaSource:
    """Turn what a `chopsticks_template` fixture returned into a source.

    Takes a `SchemaSource`, a path or list of paths to SQL files, or a function of a `Database`.
    Relative paths are below `root`.
    """
    source = _source(value)
    below = getattr(source, "below", None)
    return below(root) if below else source


def _source(value: object) -> SchemaSource:
    if _has(value, "fingerprint") and _has(value, "build"):
        return cast("SchemaSource", value)
    if isinstance(value, str | Path):
        return SqlFiles(value)
    if isinstance(value, list | tuple):
        return SqlFiles(*value)
    if callable(value):
        return BuiltBy(value)
    raise ConfigurationError(
        f"chopsticks_template returned {value!r}",
        hint="return the path of an SQL file (or a list of them), a function that takes the"
        " database, a Command, an Alembic, or an object with `fingerprint` and `build(database)`",
    )


def _has(value: object, name: str) -> bool:
    """Whether there is such an attribute; a property, such as a fingerprint, is not evaluated."""
    try:
        inspect.getattr_static(value, name)
    except AttributeError:
        return False
    return True
