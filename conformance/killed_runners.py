"""Runners that are killed in the middle of a migration, and the next one that comes along."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog import Snapshot, differences
from pytest_chopsticks.databases import Database
from pytest_chopsticks.errors import ImplementationFault, MigrationFileError
from pytest_chopsticks.implementations import Driver, KillableDriver, Outcome, Refused
from pytest_chopsticks.migrations.editions import Interrupted
from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.migrations.interruption import Interruption
from pytest_chopsticks.violation import Violation

from .database_state import DatabaseState, expect_unchanged
from .failing_migrations import runs_in_transaction, sent_by
from .held_by_runners import end_sessions, expect_no_lock_held, wait_for_end
from .migration_history import RECORDS, History, a_few

#: Any number that no runner has thought of: the suite holds the lock, the migration waits for it.
_LOCK = 0x6B696C6C6564
_WAIT = f"SELECT pg_advisory_xact_lock({_LOCK})"
_WAITING = """
    SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted AND (classid::bigint << 32) + objid::bigint = %s
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
#: Who is to record a migration waits for this, whoever reads the records does not.
_HOLD_RECORDS = sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE")
_WAITING_FOR_TABLE = """
    SELECT a.usename FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE NOT l.granted AND l.relation = to_regclass(%s)
"""
_POLL_S = 0.005
#: Who asks again and again instead of waiting is not seen to wait.
_PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class Killed:
    """A runner was killed: in which migration, where in it, how, and the state before that one.

    `edited` is the directory that it was applying.
    """

    file: MigrationFile
    where: str
    how: str
    before: DatabaseState
    database: Database
    edited: Path

    @property
    def told(self) -> str:
        return f"{self.how} in {self.file.name}, {self.where}"


def killed_in_a_few(history: History, remarks: list[str]) -> Iterator[Killed]:
    """Kill a runner in the first, the middle and the last migration, in databases of their own.

    In the last also once it has run and is to be recorded. What could not be killed in the middle
    is added to `remarks`.
    """
    for file in a_few(history.files):
        with killed_in(history, file) as killed:
            if killed is not None:
                yield killed
            else:
                remarks.append(f"not in {file.name}, which cannot run in a transaction")
    if len(history.files) > 1 and killed is not None:
        with _killed_before_its_record(history, history.files[-1]) as killed:
            yield killed


@contextmanager
def killed_in(history: History, file: MigrationFile) -> Iterator[Killed | None]:
    """Kill a runner in the midst of a migration; None for one that cannot run in a transaction.

    A process is killed with its group; the sessions of code in this process are terminated.
    """
    with history.database() as database:
        history.migrate_before(database, file)
        try:
            sent = sent_by(history, database, file)
        except MigrationFileError as error:
            if not runs_in_transaction(error):
                yield None
                return
            sent = ()
        after = sent[(len(sent) - 1) // 2] if sent else None
        before = history.state_of(database)
        with history.edition(Interrupted(file.name, Interruption(_WAIT, after))) as edited:
            how = _kill_waiting(history, database, edited)
            where = f"after {after.shown}" if after else "at its end"
            yield Killed(file, where, how, before, database, edited)


@contextmanager
def _killed_before_its_record(history: History, file: MigrationFile) -> Iterator[Killed]:
    """Kill a runner when a migration has run, as soon as it waits for the table of records."""
    with history.database() as database:
        history.migrate_before(database, file)
        before = history.state_of(database)
        with history.edition(Interrupted(file.name, Interruption(_WAIT))) as edited:
            how = _kill_recording(history, database, edited)
            yield Killed(file, "before it was recorded", how, before, database, edited)


def expect_whole_or_nothing(history: History, killed: Killed) -> None:
    """Raise a violation unless the migration was applied and recorded, or left nothing."""
    after = history.state_of(killed.database)
    if killed.file.version in dict(history.records(killed.database)):
        with history.database() as other:
            history.migrate_up_to(other, killed.file)
            whole = history.state_of(other).snapshot
        if changed := [str(change) for change in differences(whole, after.snapshot)]:
            raise Violation(
                expected=f"{killed.file.version}, which is recorded, is there wholly:"
                f" {killed.told}",
                actual="".join(f"\n  {change}" for change in changed),
            )
        return
    own_table = RECORDS if not after.row_versions.get(RECORDS) else None
    expect_unchanged(killed.before, after, killed.told, but_for=own_table, sequences=False)


def expect_resumed(history: History, killed: Killed, time_limit: float, newest: Snapshot) -> None:
    """Raise a violation unless the next runner applies all that is left, each migration once."""
    outcome = _migrate_within(time_limit, history, killed)
    if outcome is None or isinstance(outcome, Refused):
        actual = outcome.report if outcome else f"it did not end within {time_limit:g} s"
        expected = f"the next runner applies what is left: {killed.told}"
        raise Violation(expected=expected, actual=actual)
    expect_no_lock_held(killed.database, "a run after one that was killed")
    versions = [version for version, _ in history.records(killed.database)]
    if versions != [file.version for file in history.files]:
        raise Violation(
            expected=f"the next runner records every migration once: {killed.told}",
            actual=f"the versions there are: {', '.join(versions) or 'none'}",
        )
    if changed := differences(newest, history.state_of(killed.database).snapshot):
        raise Violation(
            expected=f"the next runner ends with the schema of a new database: {killed.told}",
            actual="".join(f"\n  {change}" for change in changed),
        )


def _kill_waiting(history: History, database: Database, edited: Path) -> str:
    """Start a runner, kill it once its migration waits for the lock; how it was killed."""
    how = ""
    with database.observe(autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            with (
                ThreadPoolExecutor(1) as pool,
                history.implementation.open_runner(database, edited) as runner,
            ):
                running = pool.submit(_attempt, runner, edited)
                _wait_until_waiting(holder, running)
                how = _kill(runner, holder, database)
                holder.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        except ImplementationFault:
            # One that was killed need not end well.
            if not how:
                raise
        wait_for_end(holder, database)
    return how


def _kill_recording(history: History, database: Database, edited: Path) -> str:
    """Like `_kill_waiting`, but let the migration end, and kill the runner when it is recorded."""
    how = ""
    with (
        ThreadPoolExecutor(2) as pool,
        database.observe(autocommit=True) as holder,
        database.observe() as blocker,
    ):
        holder.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            with history.implementation.open_runner(database, edited) as runner:
                running = pool.submit(_attempt, runner, edited)
                _wait_until_waiting(holder, running)
                held = _hold_records(history, holder, blocker, pool)
                holder.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
                _wait_for_table(history, holder, database.user, running)
                how = _kill(runner, holder, database)
                # Before the table is free again: a server goes on for a client that is gone.
                end_sessions(holder, database)
                held.exception()
                blocker.close()
        except ImplementationFault:
            if not how:
                raise
        wait_for_end(holder, database)
    return how


def _hold_records(
    history: History,
    holder: psycopg.Connection[Any],
    blocker: psycopg.Connection[Any],
    pool: ThreadPoolExecutor,
) -> Future[Any]:
    """Lock the records, or be the next to: what the migration does with them comes first."""
    lock = _HOLD_RECORDS.format(sql.Identifier(history.schema, RECORDS))
    held = pool.submit(blocker.execute, lock)
    _wait_for_table(history, holder, blocker.info.user, held)
    return held


def _wait_for_table(
    history: History, holder: psycopg.Connection[Any], user: str, ended: Future[Any]
) -> None:
    """Wait until a session of the user waits for the table of records, or there is no need to."""
    records = sql.Identifier(history.schema, RECORDS).as_string(holder)
    patience = time.monotonic() + _PATIENCE_S
    while not ended.done() and time.monotonic() < patience:
        if (user,) in holder.execute(_WAITING_FOR_TABLE, [records]).fetchall():
            return
        time.sleep(_POLL_S)


def _attempt(runner: Driver, edited: Path) -> Outcome | ImplementationFault:
    try:
        return runner.call("migrate", migrations=str(edited))
    except ImplementationFault as fault:
        return fault


def _wait_until_waiting(
    holder: psycopg.Connection[Any], running: Future[Outcome | ImplementationFault]
) -> None:
    while not holder.execute(_WAITING, [_LOCK]).fetchall():
        if running.done():
            ended = running.result()
            if isinstance(ended, ImplementationFault):
                raise ended
            said = ended.report if isinstance(ended, Refused) else ended.output
            raise MigrationFileError(
                f"the runner ended before it reached the middle of a migration: {said or 'well'}"
            )
        time.sleep(_POLL_S)


def _kill(runner: Driver, holder: psycopg.Connection[Any], database: Database) -> str:
    if isinstance(runner, KillableDriver):
        runner.kill()
        return "a runner's processes were killed"
    end_sessions(holder, database)
    return "a runner's sessions were terminated"


def _migrate_within(time_limit: float, history: History, killed: Killed) -> Outcome | None:
    """Migrate; None when it takes too long, its sessions then being terminated until it ends."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_migrate, history, killed)
        with suppress(TimeoutError):
            return running.result(time_limit)
        with killed.database.observe(autocommit=True) as connection:
            while not running.done():
                end_sessions(connection, killed.database)
                time.sleep(_POLL_S)
    return None


def _migrate(history: History, killed: Killed) -> Outcome | None:
    try:
        return history.implementation.migrate(killed.database, killed.edited)
    except ImplementationFault as fault:
        return Refused(None, fault.message, "")
