"""What was seen of one statement of a migration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_chopsticks.catalog import Change
from pytest_chopsticks.compatibility.watching.ddl_events import DdlEvent
from pytest_chopsticks.migrations.recording_client import RecordedStatement


@dataclass(frozen=True, slots=True)
class WatchedStatement:
    """A statement, and what it did to the tables that were there before the migration.

    `locks` are all that are held when it has ended, `scanned` the tables that it read as a whole,
    `rewritten` those that got a new relfilenode, `waited_for` what it waited for while an old
    transaction was open.
    """

    record: RecordedStatement
    changes: tuple[Change, ...] = ()
    events: tuple[DdlEvent, ...] = ()
    locks: Mapping[str, str] = field(default_factory=dict)
    scanned: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    waited_for: Mapping[str, str] = field(default_factory=dict)
