"""The implementation's own migrations as the pristine state of a database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pytest_chopsticks.databases import Database
from pytest_chopsticks.databases.fingerprints import digest
from pytest_chopsticks.implementations.baseline import lay_baseline
from pytest_chopsticks.implementations.implementation import Implementation
from pytest_chopsticks.implementations.target import Target
from pytest_chopsticks.implementations.target_inputs import inputs_of


@dataclass(frozen=True)
class MigratedBy:
    """Lets the implementation that a target describes migrate the empty database.

    Its `baseline` command, where it has one, comes before.
    """

    implementation: Implementation
    target: Target

    @property
    def fingerprint(self) -> str:
        name, version = self.implementation.name, self.implementation.version
        return digest("migrated", name, str(version), self._inputs or "unknown")

    @property
    def lasting(self) -> bool:
        return self._inputs is not None

    @cached_property
    def _inputs(self) -> str | None:
        return inputs_of(self.target)

    def build(self, database: Database) -> None:
        """Raises `ImplementationFault` when the baseline or the migration is refused or breaks."""
        lay_baseline(self.target, database)
        self.implementation.migrate(database).expect_accepted("migrate an empty database")
