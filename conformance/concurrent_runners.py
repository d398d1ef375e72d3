"""Several runners that start at once on one database, as threads and as processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from pytest_chopsticks.catalog import Snapshot, differences
from pytest_chopsticks.databases import Database
from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import Accepted, Implementation, Outcome, Refused, Target
from pytest_chopsticks.implementations.jsonrpc.implementation import JsonRpcImplementation
from pytest_chopsticks.implementations.loading import no_scratch_database
from pytest_chopsticks.implementations.python_process import as_process
from pytest_chopsticks.implementations.token_key import new_token_key
from pytest_chopsticks.violation import Violation

from .database_state import state_of
from .held_by_runners import expect_no_lock_held

RUNNERS = 3

_LONGEST_START_S = 10.0
_MOMENT_S = 0.1
_POLL_S = 0.01
_SESSIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = %s AND pid <> pg_backend_pid()
"""


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
    outcomes, early = _started_at_once(migrate, database)
    if early:
        raise Violation(
            expected="a runner that ends well leaves a database that is migrated",
            actual="while another one is at work, and nothing there yet, one ends well",
        )
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


def _started_at_once(
    migrate: Callable[[Database], Outcome], database: Database
) -> tuple[list[Outcome], bool]:
    """What became of each, and whether one ended well before anything could be created."""
    with ThreadPoolExecutor(RUNNERS) as pool, database.observe(autocommit=True) as watcher:
        with _nothing_created(database) as nothing:
            running = [pool.submit(_attempt, migrate, database) for _ in range(RUNNERS)]
            _wait_until_met(watcher, database, running)
            ended = [one.result() for one in running if one.done()]
        early = nothing and any(isinstance(one, Accepted) for one in ended)
        return [one.result() for one in running], early


@contextmanager
def _nothing_created(database: Database) -> Iterator[bool]:
    """Let whoever creates a table wait, so that runners which start slowly meet all the same.

    That takes a superuser; without one they meet as chance will have it. Yields whether it did.
    """
    with database.observe() as holder:
        with suppress(psycopg.errors.InsufficientPrivilege):
            holder.execute("LOCK TABLE pg_catalog.pg_class IN SHARE MODE")
        yield holder.info.transaction_status is TransactionStatus.INTRANS
        holder.rollback()


def _wait_until_met(
    watcher: psycopg.Connection[Any], database: Database, running: Sequence[Future[Outcome]]
) -> None:
    """Wait until every runner has a session, or has ended, and for a moment more."""
    deadline = time.monotonic() + _LONGEST_START_S
    while time.monotonic() < deadline and not all(one.done() for one in running):
        row = watcher.execute(_SESSIONS, [database.user]).fetchone()
        if row and row[0] + sum(one.done() for one in running) >= len(running):
            time.sleep(_MOMENT_S)
            return
        time.sleep(_POLL_S)


def _attempt(migrate: Callable[[Database], Outcome], database: Database) -> Outcome:
    """One runner alone is without fault: with others it is not any more."""
    try:
        return migrate(database)
    except ImplementationFault as fault:
        return Refused(None, fault.message, "")
