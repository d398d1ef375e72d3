"""The implementation's own migrations as the pristine state of a database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pytest_chopsticks.databases import Database
from pytest_chopsticks.implementations.implementation import Implementation


@dataclass(frozen=True, slots=True)
class MigratedBy:
    """Lets an implementation migrate the empty database."""

    implementation: Implementation

    @property
    def fingerprint(self) -> str:
        text = f"migrated\0{self.implementation.name}\0{self.implementation.version}"
        return hashlib.sha256(text.encode()).hexdigest()

    def build(self, database: Database) -> None:
        """Raises `ImplementationFault` when the migration is refused or breaks."""
        self.implementation.migrate(database).expect_accepted("migrate an empty database")
