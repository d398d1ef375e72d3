"""Runs a migration to see what it does: watched, followed by its old clients, then undone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog import Snapshot, changes
from pytest_chopsticks.compatibility.history_database import HistoryDatabase
from pytest_chopsticks.compatibility.reach import reached_tables
from pytest_chopsticks.compatibility.routines import routines_of
from pytest_chopsticks.compatibility.scratch_environment import scratch_environment
from pytest_chopsticks.compatibility.transaction_guard import (
    NeedsNoTransaction,
    TransactionGuard,
    expect_transaction,
    refuse_prepared,
)
from pytest_chopsticks.compatibility.watching import (
    StatementWatch,
    WatchedStatement,
    old_transactions,
    touches,
)
from pytest_chopsticks.databases import Template
from pytest_chopsticks.migrations.migration_failed import MigrationFailed
from pytest_chopsticks.migrations.run_migration import run_up

if TYPE_CHECKING:
    from pytest_chopsticks.databases import DatabaseProvider
    from pytest_chopsticks.migrations.files import MigrationFile
    from pytest_chopsticks.migrations.recording_client import StatementObserver

#: SQLSTATEs of statements that cannot run inside a transaction.
_NOT_IN_TRANSACTION = ("25001", "2D000")

#: Changes of types, whose events lead to the tables that use them.
_TOLD_BY_EVENTS = (
    changes.DomainAdded,
    changes.DomainChanged,
    changes.DomainRemoved,
    changes.EnumAdded,
    changes.EnumLabelAdded,
    changes.EnumLabelRemoved,
    changes.EnumLabelRenamed,
    changes.EnumRemoved,
)


@dataclass(slots=True)
class Trial:
    """What a run of `up` showed; the database is as it left it for as long as the context lasts.

    `at` is where it ran: the history's own database within a transaction, or a copy.
    """

    at: HistoryDatabase
    after: Snapshot
    watched: tuple[WatchedStatement, ...] = ()
    output: str = ""
    duration_s: float = 0.0
    in_transaction: bool = True
    why_no_transaction: NeedsNoTransaction | None = None
    strangers: int = 0

    @property
    def asked_for_no_transaction(self) -> bool:
        return self.why_no_transaction is not None and self.why_no_transaction.asked_for

    def touched(self, before: Snapshot) -> frozenset[str]:
        """The tables of the version before whose statements or rows may be affected.

        Looks at the catalog as the run has left it.
        """
        names = {
            table for one in self.watched for table, mode in one.locks.items() if touches(mode)
        }
        names |= {table for one in self.watched for table in one.waited_for}
        for change in (change for one in self.watched for change in one.changes):
            if not self.at.ddl_events:
                return frozenset(before.tables)
            if isinstance(change, changes.TableChange):
                names.add(change.table)
            elif isinstance(change, changes.PrivilegeChange) and change.kind == "table":
                names.add(change.name)
            elif not isinstance(change, _TOLD_BY_EVENTS):
                return frozenset(before.tables)
        events = [event for one in self.watched for event in one.events]
        gone = self.at.routines - routines_of(self.at.connection, before.schema) if events else ()
        reached = reached_tables(self.at.connection, before.schema, names, events, gone)
        return frozenset(before.tables) if reached is None else reached & before.tables.keys()


@contextmanager
def trial_run(
    file: MigrationFile, at: HistoryDatabase, databases: DatabaseProvider, time_limit: float
) -> Iterator[Trial]:
    """Run `up` of a file inside a transaction if it can be, else on a copy of the database.

    Raises what `run_up` raises.
    """
    with ExitStack() as stack:
        try:
            expect_transaction(file)
            at.reconnect()
            stack.enter_context(at.rolled_back())
            stack.enter_context(scratch_environment(at.database.env))
            trial = _in_transaction(file, at, time_limit)
        except NeedsNoTransaction as reason:
            stack.close()
            copy = stack.enter_context(copied(at, databases))
            stack.enter_context(scratch_environment(copy.database.env))
            trial = _without_transaction(file, copy, time_limit, reason)
        yield trial


@contextmanager
def copied(at: HistoryDatabase, databases: DatabaseProvider) -> Iterator[HistoryDatabase]:
    """A copy of the database, which is dropped afterwards."""
    at.connection.close()
    with databases.clone(Template(at.database.name, "")) as database:
        at.restore_session()
        copy = HistoryDatabase(database, at.schema, at.known)
        try:
            yield copy
        finally:
            copy.close()


@contextmanager
def no_transaction_if(in_transaction: bool) -> Iterator[None]:
    """Turn the server's refusal of a statement inside a transaction into `NeedsNoTransaction`."""
    try:
        yield
    except MigrationFailed as failed:
        if in_transaction and failed.sqlstate in _NOT_IN_TRANSACTION:
            raise NeedsNoTransaction(str(failed.message)) from failed
        raise


def _in_transaction(file: MigrationFile, at: HistoryDatabase, time_limit: float) -> Trial:
    watch = StatementWatch(at.connection, at.snapshot, at.known, ddl_events=at.ddl_events)
    began = time.perf_counter()
    with no_transaction_if(True):
        run = run_up(file, at.connection, [TransactionGuard(file), watch], time_limit=time_limit)
    duration = time.perf_counter() - began
    at.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return Trial(
        at,
        watch.snapshot,
        tuple(watch.watched),
        run.output,
        duration,
        strangers=len(watch.strangers),
    )


def _without_transaction(
    file: MigrationFile, copy: HistoryDatabase, time_limit: float, reason: NeedsNoTransaction
) -> Trial:
    connection = copy.connection
    connection.autocommit = True
    tables = [(copy.schema, t.name) for t in copy.snapshot.tables.values() if t.kind == "ordinary"]
    with old_transactions(copy.database, connection.info.backend_pid, tables) as old:
        watch = StatementWatch(
            connection, copy.snapshot, copy.known, ddl_events=copy.ddl_events, old=old
        )
        began = time.perf_counter()
        observers: list[StatementObserver] = [TransactionGuard(file, free=True), watch]
        run = run_up(file, connection, observers, time_limit=time_limit, one_by_one=True)
        duration = time.perf_counter() - began
        refuse_prepared(file, connection)
    copy.restore_session()
    connection.autocommit = False
    return Trial(
        copy,
        watch.snapshot,
        tuple(watch.watched),
        run.output,
        duration,
        in_transaction=False,
        why_no_transaction=reason,
        strangers=len(watch.strangers),
    )
