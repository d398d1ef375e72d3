"""Several runners that start at once on one database, as threads and as processes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from pytest_chopsticks.catalog import Snapshot, differences
from pytest_chopsticks.databases import Database
from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import Implementation, Outcome, Refused, Target
from pytest_chopsticks.implementations.jsonrpc.implementation import JsonRpcImplementation
from pytest_chopsticks.implementations.loading import no_scratch_database
from pytest_chopsticks.implementations.python_process import as_process
from pytest_chopsticks.implementations.token_key import new_token_key
from pytest_chopsticks.violation import Violation

from .database_state import state_of
from .held_by_runners import expect_no_lock_held

RUNNERS = 3


def process_runner(target: Target, database: Database, time_limit: float) -> Implementation | None:
    """A Python class as a process of its own; None for what is one anyhow, or cannot be one."""
    if target.migrate or not target.python:
        return None
    runner = JsonRpcImplementation(
        as_process(target), (new_token_key(),), no_scratch_database, time_limit
    )
    with suppress(ImplementationFault), runner.open(database):
        return runner
    return None


def expect_all_end_well(
    migrate: Callable[[Database], Outcome], database: Database, schema: str, expected: Snapshot
) -> None:
    """Raise a violation unless all runners end well, with the schema that one of them makes."""
    with ThreadPoolExecutor(RUNNERS) as pool:
        outcomes = list(pool.map(lambda _: _attempt(migrate, database), range(RUNNERS)))
    for outcome in outcomes:
        if isinstance(outcome, Refused):
            raise Violation(
                expected=f"{RUNNERS} runners that start at once all end well",
                actual=f"one does not: {outcome.report}",
            )
    if changed := differences(expected, state_of(database, schema).snapshot):
        raise Violation(
            expected="the same schema as by one runner",
            actual="".join(f"\n  {change}" for change in changed),
        )
    expect_no_lock_held(database, "several runners that have ended")


def _attempt(migrate: Callable[[Database], Outcome], database: Database) -> Outcome:
    """One runner alone is without fault: with others it is not any more."""
    try:
        return migrate(database)
    except ImplementationFault as fault:
        return Refused(None, fault.message, "")
