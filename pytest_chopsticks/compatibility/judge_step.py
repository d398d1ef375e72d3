"""Judges one migration: by a trial run, by its old clients, by its rows, by its `down`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

from pytest_chopsticks.compatibility.applied_declarations import with_declarations
from pytest_chopsticks.compatibility.change_findings import change_findings
from pytest_chopsticks.compatibility.claim_findings import claim_findings
from pytest_chopsticks.compatibility.declarations import read_declarations
from pytest_chopsticks.compatibility.down_findings import down_findings
from pytest_chopsticks.compatibility.effects import Effects
from pytest_chopsticks.compatibility.failed_migration import failure_findings
from pytest_chopsticks.compatibility.filling import fill, fill_for
from pytest_chopsticks.compatibility.findings import Finding
from pytest_chopsticks.compatibility.history_database import HistoryDatabase
from pytest_chopsticks.compatibility.judged_step import JudgedStep
from pytest_chopsticks.compatibility.lock_findings import held_ms, lock_findings, strongest_locks
from pytest_chopsticks.compatibility.old_readers import old_reader_findings
from pytest_chopsticks.compatibility.query_findings import not_run_findings
from pytest_chopsticks.compatibility.records_table import make_records_table, misses_records_table
from pytest_chopsticks.compatibility.scratch_environment import scratch_environment
from pytest_chopsticks.compatibility.sequence_findings import (
    moves_sequences,
    narrowed_findings,
    sequence_findings,
    stuck_sequences,
)
from pytest_chopsticks.compatibility.side_effects import tables_that_act
from pytest_chopsticks.compatibility.transaction_guard import (
    NeedsNoTransaction,
    TransactionGuard,
    expect_transaction,
    refuse_prepared,
)
from pytest_chopsticks.compatibility.trial import Trial, no_transaction_if, trial_run
from pytest_chopsticks.compatibility.trial_findings import trial_findings
from pytest_chopsticks.compatibility.trial_places import TrialPlaces
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.run_migration import run_up

if TYPE_CHECKING:
    from pytest_chopsticks.compatibility.judge_options import JudgeOptions
    from pytest_chopsticks.databases import DatabaseProvider
    from pytest_chopsticks.migrations.files import MigrationFile


@dataclass(frozen=True, slots=True)
class StepJudge:
    """Judges and applies migrations on the history's database, which advances with each."""

    at: HistoryDatabase
    databases: DatabaseProvider
    options: JudgeOptions

    def judge(self, file: MigrationFile, *, newest: bool) -> JudgedStep:
        """Judge a migration and apply it; a failure to do so is a finding, too.

        The application's statements are those of the `newest` version: of that one it is told
        which could not be replayed.
        """
        try:
            return self._judged(file, newest)
        except MigrationFileError as error:
            self.at.look_again()
            if misses_records_table(error, self.at):
                make_records_table(self.at)
                fill(self.at, self.options)
                fill_for(self.at, file, self.options)
                return self.judge(file, newest=newest)
            found = failure_findings(file, error)
            findings = with_declarations(tuple(found), read_declarations(file), file)
            return JudgedStep(file, tuple(findings), applied=False)

    def apply(self, file: MigrationFile) -> None:
        """Apply a migration without judging it; raises `MigrationFileError` when it fails."""
        try:
            expect_transaction(file)
            with self._applied(file, in_transaction=True):
                pass
        except NeedsNoTransaction:
            with self._applied(file, in_transaction=False):
                pass
        self.at.look_again()

    def _judged(self, file: MigrationFile, newest: bool) -> JudgedStep:
        before = self.at.snapshot
        stuck = stuck_sequences(self.at.connection, before) if moves_sequences(file) else None
        with trial_run(file, self.at, self.databases, self.options.time_limit) as trial:
            places = TrialPlaces(file, trial.watched)
            acting = tables_that_act(before, trial.after)
            effects = Effects(self.at, trial.touched(before), acting, self.options)
            found = list(self._seen(trial, places))
            if stuck is not None:
                found += sequence_findings(stuck, trial, places)
            if not trial.in_transaction:
                with self.at.rolled_back() as connection:
                    effects.look_before(connection)
                found += self._aftermath(file, trial, trial.at.connection, effects, places)
        if trial.in_transaction:
            with self.at.rolled_back() as connection:
                effects.look_before(connection)
            with self._applied(file, in_transaction=True) as connection:
                found += self._aftermath(file, trial, connection, effects, places)
            self.at.look_again(trial.after)
        else:
            self.apply(file)
        if newest:
            found += not_run_findings(effects.not_run)
        return _step(file, trial, found)

    def _seen(self, trial: Trial, places: TrialPlaces) -> Iterator[Finding]:
        """What the trial run shows by itself."""
        before = self.at.snapshot
        yield from trial_findings(trial, places.whole)
        yield from change_findings(before, trial.after, places.of_change)
        yield from lock_findings(trial.watched, places.of_statements)
        yield from claim_findings(trial, before, places)
        yield from narrowed_findings(before, trial.after, places)

    def _aftermath(
        self,
        file: MigrationFile,
        trial: Trial,
        connection: psycopg.Connection[Any],
        effects: Effects,
        places: TrialPlaces,
    ) -> Iterator[Finding]:
        """What old clients find once it is applied, and what its `down` then makes of it."""
        before = effects.schema
        with connection.transaction(force_rollback=True):
            yield from effects.findings(connection, trial.after, places)
            yield from old_reader_findings(connection, before, trial.after, places.of_change)
        yield from down_findings(
            file,
            connection,
            self.at,
            in_transaction=trial.in_transaction,
            time_limit=self.options.time_limit,
        )

    @contextmanager
    def _applied(
        self, file: MigrationFile, *, in_transaction: bool
    ) -> Iterator[psycopg.Connection[Any]]:
        """Apply a migration for good; the context lies before its commit."""
        connection = self.at.connection
        connection.autocommit = not in_transaction
        guard = TransactionGuard(file, free=not in_transaction)
        try:
            with scratch_environment(self.at.database.env):
                with no_transaction_if(in_transaction):
                    run_up(
                        file,
                        connection,
                        [guard],
                        time_limit=self.options.time_limit,
                        one_by_one=not in_transaction,
                    )
                if not in_transaction:
                    refuse_prepared(file, connection)
                yield connection
            connection.commit()
        finally:
            self.at.end_transaction()


def _step(file: MigrationFile, trial: Trial, found: list[Finding]) -> JudgedStep:
    return JudgedStep(
        file,
        tuple(with_declarations(found, read_declarations(file), file)),
        applied=True,
        duration_s=trial.duration_s,
        locks=strongest_locks(trial.watched),
        held_ms=held_ms(trial.watched),
    )
