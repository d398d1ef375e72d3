"""What a migration file defines: a description, `up`, `down`; found without applying it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.migrations.files import JAVASCRIPT_SUFFIXES
from pytest_chopsticks.migrations.javascript_module import inspect_javascript
from pytest_chopsticks.migrations.python_module import inspect_python
from pytest_chopsticks.migrations.sql_parts import split_parts, statements

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile


@dataclass(frozen=True, slots=True)
class MigrationParts:
    """`description` is what the file itself states, if anything.

    A `down` that does nothing counts as none. An `up` counts when it is there, even an empty one.
    """

    description: str | None
    has_up: bool
    has_down: bool


def read_parts(file: MigrationFile) -> MigrationParts:
    """The parts of `file`. Python and SQL are read, not run; JavaScript is imported by `node`.

    Raises MigrationFileError, with file and line, when the file cannot be understood, or when it
    is JavaScript and there is no `node`.
    """
    if file.suffix == ".sql":
        return _sql_parts(file)
    if file.suffix in JAVASCRIPT_SUFFIXES:
        module = inspect_javascript(file.path)
        return MigrationParts(module.description, module.has_up, module.has_down)
    python = inspect_python(file)
    return MigrationParts(python.description, python.has_up, python.has_down)


def _sql_parts(file: MigrationFile) -> MigrationParts:
    parts = split_parts(file)
    has_up = parts.marked or bool(statements(parts.up))
    return MigrationParts(None, has_up, bool(statements(parts.down)))
