"""Runs `up` or `down` of a migration in any language, statement by statement, as one watches."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.pq import TransactionStatus

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.cancellation import cancelled_after
from pytest_chopsticks.migrations.files import JAVASCRIPT_SUFFIXES
from pytest_chopsticks.migrations.javascript_migration import run_javascript
from pytest_chopsticks.migrations.migration_failed import MigrationFailed
from pytest_chopsticks.migrations.python_migration import run_python
from pytest_chopsticks.migrations.recording_client import RecordedStatement, RecordingClient
from pytest_chopsticks.migrations.sql_migration import run_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_chopsticks.migrations.files import MigrationFile
    from pytest_chopsticks.migrations.recording_client import Connection, StatementObserver

TIME_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class MigrationRun:
    """The statements that a migration sent, in order, and what it printed."""

    statements: tuple[RecordedStatement, ...]
    output: str


def run_up(
    file: MigrationFile,
    connection: Connection,
    observers: Sequence[StatementObserver] = (),
    *,
    time_limit: float = TIME_LIMIT_S,
    one_by_one: bool = False,
) -> MigrationRun:
    """Run `up` of `file` on `connection`, in whatever transaction the caller has begun.

    Nothing is committed, rolled back or recorded here. Outside a transaction, the statements of one
    text make one together, unless `one_by_one`. After `time_limit` seconds the statement
    under way is cancelled and a JavaScript migration's process ended; Python code that never sends
    another statement cannot be stopped.

    Raises MigrationFileError when the file cannot be understood, has no `up`, or is JavaScript and
    there is no Node.js; MigrationFailed when it fails; and what an observer raised, as it is.
    """
    client = RecordingClient(connection, observers, one_by_one=one_by_one)
    return _run(file, "up", client, time_limit)


def run_down(
    file: MigrationFile,
    connection: Connection,
    observers: Sequence[StatementObserver] = (),
    *,
    time_limit: float = TIME_LIMIT_S,
    one_by_one: bool = False,
) -> MigrationRun:
    """Run `down` of `file`; otherwise like `run_up`."""
    client = RecordingClient(connection, observers, one_by_one=one_by_one)
    return _run(file, "down", client, time_limit)


def _run(
    file: MigrationFile,
    direction: str,
    client: RecordingClient,
    time_limit: float,
) -> MigrationRun:
    deadline = time.monotonic() + time_limit
    try:
        with cancelled_after(time_limit, client.connection):
            output = _program(file, direction, client, deadline)
            _refuse_failed_transaction(file, direction, client)
    except Exception as error:
        if client.stopped_by is not None:
            raise client.stopped_by from None
        failed = error if isinstance(error, MigrationFailed) else None
        if time.monotonic() >= deadline:
            raise _out_of_time(file, direction, client, time_limit, failed) from error
        if failed:
            failed.statements = tuple(client.records)
        raise
    if client.stopped_by is not None:
        raise client.stopped_by
    return MigrationRun(tuple(client.records), output)


def _program(file: MigrationFile, direction: str, client: RecordingClient, deadline: float) -> str:
    if file.suffix == ".sql":
        return run_sql(file, direction, client)
    if file.suffix == ".py":
        return run_python(file, direction, client)
    if file.suffix in JAVASCRIPT_SUFFIXES:
        return run_javascript(file, direction, client, deadline)
    raise MigrationFileError(f"{file.path} is in no language that migrations are written in")


def _refuse_failed_transaction(
    file: MigrationFile, direction: str, client: RecordingClient
) -> None:
    lost = (TransactionStatus.INERROR, TransactionStatus.UNKNOWN)
    if client.connection.info.transaction_status not in lost:
        return
    failed = next((one for one in reversed(client.records) if one.error), None)
    raise MigrationFailed(
        f"{file.path}: {direction} ended well, but a statement in it failed, so that nothing of it "
        f"can be kept: {failed.error if failed else 'the transaction is aborted'}",
        hint="Use a SAVEPOINT around a statement that may fail; await every query.",
        sqlstate=failed.error.sqlstate if failed and failed.error else None,
    )


def _out_of_time(
    file: MigrationFile,
    direction: str,
    client: RecordingClient,
    time_limit: float,
    failed: MigrationFailed | None,
) -> MigrationFailed:
    last = f"; its last statement: {client.records[-1].text.strip()}" if client.records else ""
    return MigrationFailed(
        f"{file.path}: {direction} did not end within {time_limit:g} s{last}",
        hint="Does it wait for a lock that another session holds, or for something outside?",
        output=failed.output if failed else "",
        statements=tuple(client.records),
    )
