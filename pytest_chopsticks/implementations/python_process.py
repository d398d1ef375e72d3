"""A Python class in an interpreter of its own, for what only a process can show.

    python -m pytest_chopsticks.implementations.python_process chopsticks.toml

serves the `migrate` of the class that the file names, in the driver protocol.
"""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_chopsticks.implementations.target import Target


def as_process(target: Target) -> Target:
    """The target with its Python class as a driver process, which claims `migrate` alone."""
    command = [sys.executable, "-m", __name__, str(target.path), target.python or ""]
    env = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **target.env}
    return replace(target, migrate=None, python=None, command=shlex.join(command), env=env)


def _main(path: str, reference: str) -> None:
    # Before anything else: what is imported may print.
    from pytest_chopsticks.implementations.python_class import driver_class
    from pytest_chopsticks.implementations.target import Target
    from pytest_chopsticks.serve import serve

    cls = driver_class(Target(Path(path), name="a Python class", python=reference))

    def operations(context: Mapping[str, Any]) -> dict[str, Any]:
        database = _Address(**context["database"])
        instance = cls(database=database, token_keys=context["token_keys"])
        return {"migrate": instance.migrate}

    serve(operations, name=reference)


class _Address(SimpleNamespace):
    """The database as `initialize` tells of it, with all that a class in this process may use."""

    @property
    def dsn(self) -> str:
        return str(self.url)

    def connect(self, **options: Any) -> Any:
        return psycopg.connect(self.dsn, **options)

    async def aconnect(self, **options: Any) -> Any:
        return await psycopg.AsyncConnection.connect(self.dsn, **options)

    @property
    def name(self) -> str:
        return str(self.dbname)

    @property
    def env(self) -> dict[str, str]:
        names = ("DATABASE_URL", "POSTGRES_URL")
        return {key: os.environ[key] for key in os.environ if key in names or key[:2] == "PG"}


if __name__ == "__main__":
    _main(*sys.argv[1:])
