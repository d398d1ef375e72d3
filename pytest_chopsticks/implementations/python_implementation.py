"""An implementation that is a Python class, called in this process."""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from pytest_chopsticks.implementations.captured_output import redirected_output
from pytest_chopsticks.implementations.implementation import Clock, Outcome
from pytest_chopsticks.implementations.python_class import (
    claimed_operations,
    concurrency,
    driver_class,
    kind_of_clock,
)
from pytest_chopsticks.implementations.python_driver import PythonDriver
from pytest_chopsticks.implementations.redaction import LearntSecrets, Redaction, redactor_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Any

    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.target import Target
    from pytest_chopsticks.implementations.token_key import TokenKey


class PythonImplementation:
    """Calls the class that the target's `python` names: `Class(database=…, token_keys=…)`.

    `token_keys` is a list of `{"id": …, "key": …}` and `migrations` a path as text, as in the
    contract. The class is imported here, which raises ConfigurationError when it cannot be had.
    Its optional attributes `name`, `version` and `operations` win over what is found otherwise,
    `concurrent` (default False) says that threads may share an instance, `clock` ("wall" or
    "argument") which time it uses; an instance's optional `close()` is called when it is done with.
    A call cannot be stopped from outside: a method that never returns holds up the run.
    """

    language = "python"
    reusable_runner = False
    costly_runner = False

    def __init__(self, target: Target, token_keys: tuple[TokenKey, ...] = ()) -> None:
        self._class = driver_class(target)
        self._token_keys = token_keys
        self._learnt = LearntSecrets()
        self.claims = claimed_operations(target, self._class)
        self.concurrent = concurrency(target, self._class)
        self.clock: Clock = kind_of_clock(target, self._class)
        self.name: str = _text(self._class, "name") or target.name
        self.version: str | None = _text(self._class, "version") or target.version

    @property
    def takes_migrations(self) -> bool:
        try:
            parameters = inspect.signature(self._class.migrate).parameters.values()
        except (AttributeError, TypeError, ValueError):
            return False
        return any(p.name == "migrations" or p.kind is p.VAR_KEYWORD for p in parameters)

    def migrate(self, database: ImplementationDatabase, migrations: Path | None = None) -> Outcome:
        arguments = {} if migrations is None else {"migrations": str(migrations)}
        with self.open(database) as driver:
            return driver.call("migrate", **arguments)

    def open_runner(
        self,
        database: ImplementationDatabase,
        migrations: Path | None = None,  # noqa: ARG002
    ) -> AbstractContextManager[PythonDriver]:
        return self.open(database)

    def verify_schema(self, database: ImplementationDatabase) -> Outcome:
        with self.open(database) as driver:
            return driver.call("verify_schema")

    @contextmanager
    def open(
        self, database: ImplementationDatabase, token_keys: Sequence[TokenKey] | None = None
    ) -> Iterator[PythonDriver]:
        """An instance for `database`, closed at the end."""
        keys = self._token_keys if token_keys is None else token_keys
        redaction = Redaction(redactor_for(database, keys), self._learnt)
        driver = PythonDriver(self._class, self.claims, redaction)
        with redirected_output():
            driver.start(database=database, token_keys=[asdict(key) for key in keys])
            try:
                yield driver
            finally:
                driver.close()


def _text(cls: type[Any], attribute: str) -> str | None:
    value = getattr(cls, attribute, None)
    return value if isinstance(value, str) else None
