"""Locks the tables that agents can do without, and sees which operations wait for them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from pytest_chopsticks.implementations import Driver
from pytest_chopsticks.violation import Violation

from .answers import Answer, attempt, result_of
from .canonical_schema import TABLES
from .overlapping import Meeting

#: From the document's section on critical tables.
CRITICAL = ("agent_bots", "agent_pools", "agent_runners", "guild_settings")

_LOCK = "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE".format(
    ", ".join(table.name for table in TABLES if table.name not in CRITICAL)
)
_PATIENCE_S = 30.0


def calls_while_locked(
    driver: Driver, meeting: Meeting, calls: Sequence[tuple[str, Mapping[str, object]]]
) -> None:
    """Make calls, one after another, while all but the critical tables are locked."""
    with ThreadPoolExecutor(1) as pool, meeting.hold(_LOCK):
        for operation, arguments in calls:
            call = pool.submit(attempt, driver, operation, **arguments)
            if table := _waits_for(call, meeting):
                raise Violation(
                    expected=f"{operation} works while {table} is locked by someone else",
                    actual=f"it waits for {table}",
                )
            result_of(call.result(), f"{operation} while the other tables are locked")


def _waits_for(call: Future[Answer], meeting: Meeting) -> str | None:
    """The locked table that a call waits for, or None when it ends."""
    deadline = time.monotonic() + _PATIENCE_S
    while not call.done() and time.monotonic() < deadline:
        if table := meeting.awaited_table():
            return table
        time.sleep(0.001)
    return None if call.done() else "one of the tables"
