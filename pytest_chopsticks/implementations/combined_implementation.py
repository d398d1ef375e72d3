"""An implementation whose migrations are a command, and whose operations are a driver's."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.implementations.implementation import KillableDriver

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.implementation import (
        Clock,
        Driver,
        Implementation,
        Outcome,
    )
    from pytest_chopsticks.implementations.token_key import TokenKey


@dataclass(frozen=True, slots=True)
class CombinedImplementation:
    """`migrate` goes to `migrating`, every other operation to `driver`."""

    migrating: Implementation
    driver: Implementation

    @property
    def name(self) -> str:
        return self.migrating.name

    @property
    def version(self) -> str | None:
        return self.driver.version

    @property
    def language(self) -> str | None:
        return self.driver.language

    @property
    def claims(self) -> frozenset[str]:
        return self.migrating.claims | self.driver.claims

    @property
    def concurrent(self) -> bool:
        return self.driver.concurrent

    @property
    def clock(self) -> Clock:
        return self.driver.clock

    @property
    def takes_migrations(self) -> bool:
        return self.migrating.takes_migrations

    @property
    def reusable_runner(self) -> bool:
        return self.migrating.reusable_runner

    @property
    def costly_runner(self) -> bool:
        return self.migrating.costly_runner

    @contextmanager
    def open(
        self, database: ImplementationDatabase, token_keys: Sequence[TokenKey] | None = None
    ) -> Iterator[Driver]:
        with (
            self.migrating.open(database, token_keys) as migrating,
            self.driver.open(database, token_keys) as driver,
        ):
            if isinstance(driver, KillableDriver):
                yield _CombinedKillableDriver(migrating, driver)
            else:
                yield _CombinedDriver(migrating, driver)

    def open_runner(
        self, database: ImplementationDatabase, migrations: Path | None = None
    ) -> AbstractContextManager[Driver]:
        return self.migrating.open_runner(database, migrations)

    def migrate(self, database: ImplementationDatabase, migrations: Path | None = None) -> Outcome:
        return self.migrating.migrate(database, migrations)

    def verify_schema(self, database: ImplementationDatabase) -> Outcome:
        return self.driver.verify_schema(database)


@dataclass(frozen=True, slots=True)
class _CombinedDriver:
    migrating: Driver
    driver: Driver

    def call(self, operation: str, /, **arguments: object) -> Outcome:
        driver = self.migrating if operation == "migrate" else self.driver
        return driver.call(operation, **arguments)


@dataclass(frozen=True, slots=True)
class _CombinedKillableDriver(_CombinedDriver):
    driver: KillableDriver

    def kill(self) -> None:
        self.driver.kill()
