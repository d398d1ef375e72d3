"""Disposable Postgres for pytest, and the conformance suite of the Chopsticks schema."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pytest_chopsticks.errors import ChopsticksError, Rejected

if TYPE_CHECKING:
    from pytest_chopsticks.databases import BuiltBy, Database, SqlFiles
    from pytest_chopsticks.implementations.alembic_source import Alembic
    from pytest_chopsticks.implementations.command_source import Command

__all__ = [
    "Alembic",
    "BuiltBy",
    "ChopsticksError",
    "Command",
    "Database",
    "Rejected",
    "SqlFiles",
    "__version__",
]

__version__ = "0.1.0"

# Imported when they are asked for: a driver that needs no more than `serve` starts at once.
_LAZY = {
    "Alembic": "implementations.alembic_source",
    "BuiltBy": "databases",
    "Command": "implementations.command_source",
    "Database": "databases",
    "SqlFiles": "databases",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
