"""An implementation whose migrations are a command, and whose operations are a driver's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.implementation import Implementation, Outcome


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
    def takes_migrations(self) -> bool:
        return self.migrating.takes_migrations

    def migrate(self, database: ImplementationDatabase, migrations: Path | None = None) -> Outcome:
        return self.migrating.migrate(database, migrations)

    def verify_schema(self, database: ImplementationDatabase) -> Outcome:
        return self.driver.verify_schema(database)
