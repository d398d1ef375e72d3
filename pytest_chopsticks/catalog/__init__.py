"""What a database's schema is: a snapshot in one round trip, its changes, its hash."""

from pytest_chopsticks.catalog.changes import Change
from pytest_chopsticks.catalog.differences import differences
from pytest_chopsticks.catalog.schema_hash import canonical_form, schema_hash
from pytest_chopsticks.catalog.snapshot import take_snapshot
from pytest_chopsticks.catalog.structure import Snapshot

__all__ = [
    "Change",
    "Snapshot",
    "canonical_form",
    "differences",
    "schema_hash",
    "take_snapshot",
]
