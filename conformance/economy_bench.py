"""What every test of the economy works with: drivers on a database, looked at from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.databases import Database
from pytest_chopsticks.economy import OPERATIONS
from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import (
    Driver,
    Implementation,
    KillableDriver,
    Outcome,
)
from pytest_chopsticks.violation import Violation

from .observing_driver import ImmutableRows

#: What is said to have touched a table, where several operations came before the look.
WALLETS = "an operation on wallets"


@dataclass(frozen=True, slots=True)
class EconomyBench:
    """The implementation, databases for it, and how much of it to try.

    `lend` gives a migrated database that nobody else uses; `schema` is where its tables are;
    `histories` is where what happened is saved when it breaks a requirement.
    """

    implementation: Implementation
    lend: Callable[[], AbstractContextManager[Database]]
    schema: str
    profile: str
    seed: int
    histories: Path
    _seen: list[Violation] = field(default_factory=list)

    @contextmanager
    def watched(self) -> Iterator[tuple[Database, ImmutableRows]]:
        """Lend a database, and have its immutable tables looked at once more in the end."""
        with self.lend() as database, database.observe(autocommit=True) as connection:
            rows = ImmutableRows(connection, self.schema)
            yield database, rows
            rows.look(WALLETS)
            if rows.violation:
                self._seen.append(rows.violation)

    def expect_untouched(self) -> None:
        """Raise what was seen of the immutable tables since the last time, on their own behalf."""
        seen, self._seen[:] = list(self._seen), []
        for violation in seen:
            raise violation

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations on wallets that are claimed."""
        return tuple(name for name in OPERATIONS if name in self.implementation.claims)

    def at_profile(self, *, quick: int, default: int, thorough: int) -> int:
        """How often, by the profile of the run."""
        return {"quick": quick, "thorough": thorough}.get(self.profile, default)

    def observe(self, database: Database) -> psycopg.Connection[Any]:
        """Connect as the suite, with the tables in the search_path."""
        return self._at_schema(database.observe(autocommit=True))

    def connect(self, database: Database) -> psycopg.Connection[Any]:
        """Connect as the owner, with the tables in the search_path."""
        return self._at_schema(database.connect(autocommit=True))

    @contextmanager
    def drivers(self, database: Database, count: int) -> Iterator[tuple[ReopenedDriver, ...]]:
        """Several drivers at work on one database."""
        with ExitStack() as stack:
            yield tuple(
                stack.enter_context(ReopenedDriver(self.implementation, database))
                for _ in range(count)
            )

    def _at_schema(self, connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
        path = sql.SQL("SET search_path TO {}, public").format(sql.Identifier(self.schema))
        connection.execute(path)
        return connection


class ReopenedDriver(AbstractContextManager["ReopenedDriver"]):
    """A driver that is replaced by a new one after a fault, so that what follows is undisturbed."""

    def __init__(self, implementation: Implementation, database: Database) -> None:
        self._implementation = implementation
        self._database = database
        self._stack = ExitStack()
        self._driver: Driver | None = None

    def __call__(self, operation: str, /, **arguments: object) -> Outcome:
        try:
            return self.once(operation, **arguments)
        except ImplementationFault:
            self.give_up()
            raise

    def once(self, operation: str, /, **arguments: object) -> Outcome:
        """Carry out an operation, and keep the driver after a fault: it may get over it."""
        if self._driver is None:
            opened = self._implementation.open(self._database)
            self._driver = self._stack.enter_context(opened)
        return self._driver.call(operation, **arguments)

    @property
    def killable(self) -> bool:
        """Whether the driver that is open is a process of its own."""
        return isinstance(self._driver, KillableDriver)

    def kill(self) -> None:
        """Kill the process, whatever it is doing; the next call starts another."""
        if isinstance(self._driver, KillableDriver):
            self._driver.kill()

    def give_up(self) -> None:
        """End the driver; whether it can be closed after what it went through tells nothing."""
        self._driver = None
        try:
            self._stack.close()
        except ImplementationFault:
            self._stack = ExitStack()

    def __exit__(self, *_: object) -> None:
        self._driver = None
        self._stack.close()
