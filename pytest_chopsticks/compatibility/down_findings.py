"""Whether `down` gives the earlier schema back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from pytest_chopsticks.catalog import differences
from pytest_chopsticks.compatibility.change_findings import rule_of, subject_of
from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict
from pytest_chopsticks.compatibility.routines import routines_of
from pytest_chopsticks.compatibility.schema_snapshot import snapshot_or_empty
from pytest_chopsticks.compatibility.transaction_guard import NeedsNoTransaction, TransactionGuard
from pytest_chopsticks.compatibility.trial import no_transaction_if
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.parts import read_parts
from pytest_chopsticks.migrations.run_migration import run_down

if TYPE_CHECKING:
    from pytest_chopsticks.compatibility.history_database import HistoryDatabase
    from pytest_chopsticks.migrations.files import MigrationFile


def down_findings(
    file: MigrationFile,
    connection: psycopg.Connection[Any],
    at: HistoryDatabase,
    *,
    in_transaction: bool,
    time_limit: float,
) -> Iterator[Finding]:
    """Run `down` where `up` was run; nothing if the migration has none.

    `at` knows what was there before. In a transaction all of it is undone. Without one the
    database is afterwards another.
    """
    if not read_parts(file).has_down:
        return
    place = Place(file.path)
    try:
        with _undone(connection) if in_transaction else _by_itself(connection):
            with no_transaction_if(in_transaction):
                run_down(
                    file,
                    connection,
                    [TransactionGuard(file, free=not in_transaction)],
                    time_limit=time_limit,
                    one_by_one=not in_transaction,
                )
            restored = snapshot_or_empty(connection, at.schema, at.known)
            left = routines_of(connection, at.schema)
    except MigrationFileError as error:
        yield _finding("down-fails", "down", f"down fails after up: {error.message}", place)
        return
    except NeedsNoTransaction as reason:
        yield _not_run(reason, place)
        return
    for change in differences(at.snapshot, restored):
        yield _finding(
            rule_of(change),
            subject_of(change),
            f"after up and down, {change}: down does not give the earlier schema back",
            place,
        )
    for routine in sorted(at.routines ^ left):
        state = "is still there" if routine in left else "is gone"
        yield _finding("routine", routine, f"after up and down, {routine} {state}", place)


@contextmanager
def _undone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    with connection.transaction(force_rollback=True):
        yield


@contextmanager
def _by_itself(connection: psycopg.Connection[Any]) -> Iterator[None]:
    connection.rollback()
    connection.autocommit = True
    yield


def _not_run(reason: NeedsNoTransaction, place: Place) -> Finding:
    return Finding(
        family=Family.DOWN_RESTORES,
        rule="down-not-run",
        subject="down",
        message=f"down was not run after up, which ran inside a transaction: {reason}",
        evidence=Evidence.CLAIMED,
        verdict=Verdict.NOT_ANALYSED,
        place=place,
    )


def _finding(rule: str, subject: str, message: str, place: Place) -> Finding:
    return Finding(
        family=Family.DOWN_RESTORES,
        rule=rule,
        subject=subject,
        message=message,
        evidence=Evidence.CONFIRMED,
        verdict=Verdict.BREAKS,
        place=place,
    )
