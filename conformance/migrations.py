"""Area `migrations`: files, records, and what the runner does when something is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from pytest_chopsticks.catalog import Snapshot, differences
from pytest_chopsticks.compatibility import Family
from pytest_chopsticks.databases import Database, Template
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.implementations import Accepted, Implementation, Refused, Target
from pytest_chopsticks.migrations.editions import (
    AppendedByte,
    ExtraMigration,
    Only,
    Renamed,
    Without,
)
from pytest_chopsticks.migrations.files import (
    JAVASCRIPT_SUFFIXES,
    MigrationFile,
    duplicate_versions,
    list_migrations,
    name_problem,
)
from pytest_chopsticks.migrations.parts import read_parts
from pytest_chopsticks.requirements import checks, not_claimed
from pytest_chopsticks.run import Run
from pytest_chopsticks.violation import Violation

from .canonical_rows import canonical_row
from .canonical_schema import SCHEMA_MIGRATIONS, TABLES
from .concurrent_runners import expect_all_end_well, process_runner
from .database_state import expect_unchanged, row_versions, state_of
from .edited_files import edited_files
from .evolution_policy import missing
from .failing_migrations import expect_failures_undone
from .filled_tables import fill_tables
from .immutable_tables import expect_protected
from .intermediate_versions import expect_brought_to_newest, stops
from .killed_runners import expect_resumed, expect_whole_or_nothing, killed_in_a_few
from .migration_history import (
    RECORDS,
    History,
    a_few,
    expect_one_reported,
    expect_reported,
    version_after,
    version_before,
)
from .migration_steps import JudgedSteps, expect_no_breaks
from .recorded_checksums import (
    checksum_told,
    expect_byte_order_mark_counts,
    expect_line_endings_count,
)
from .removed_indexes import RemovedIndexes
from .repeated_ups import expect_applicable_again
from .row_probes import expect_refused


@checks("migrations.name.<file>")
def test_name(subject: MigrationFile) -> None:
    if problem := name_problem(subject):
        raise Violation(
            expected="a name like 20260214_000000_description" + subject.suffix,
            actual=f"{subject.name} {problem}",
        )
    double = duplicate_versions(list_migrations(subject.path.parent)).get(subject.version, ())
    if double:
        raise Violation(
            expected=f"one file of version {subject.version}",
            actual=", ".join(file.name for file in double),
        )


@checks("migrations.has-up.<version>")
def test_has_up(subject: MigrationFile) -> None:
    expected = f"{subject.name} has an up part"
    try:
        parts = read_parts(subject)
    except MigrationFileError as error:
        if subject.suffix in JAVASCRIPT_SUFFIXES and not shutil.which("node"):
            raise
        raise Violation(expected=expected, actual=error.message) from error
    if not parts.has_up:
        raise Violation(expected=expected, actual="it has none")


@checks("migrations.recorded.<version>")
def test_recorded(subject: MigrationFile, migrated: Database, schema: str) -> None:
    with migrated.observe(row_factory=dict_row) as connection:
        query = sql.SQL("SELECT * FROM {} ORDER BY version")
        records = connection.execute(query.format(sql.Identifier(schema, RECORDS))).fetchall()
    own = [record for record in records if record["version"] == subject.version]
    if len(own) != 1:
        raise Violation(
            expected=f"one row of {RECORDS} with version {subject.version}",
            actual=f"{len(own)}; the versions there are: {_versions(records)}",
        )
    _expect_record(subject, own[0])
    earlier = [r["applied_at"] for r in records if r["version"] < subject.version]
    if earlier and own[0]["applied_at"] < max(earlier):
        raise Violation(
            expected=f"{subject.version} was applied after every earlier version",
            actual=f"applied_at is {own[0]['applied_at']}, an earlier version's {max(earlier)}",
        )


@checks("migrations.from-empty")
def test_from_empty(
    snapshot: Snapshot,
    canonical_snapshot: Snapshot,
    writer: psycopg.Connection[Any],
    removed_indexes: RemovedIndexes,
) -> None:
    found = differences(canonical_snapshot, snapshot)
    if gaps := [
        str(change)
        for change in found
        if missing(change, canonical_snapshot, snapshot) and not removed_indexes.of_change(change)
    ]:
        raise Violation(
            expected="an empty database ends with all of version 1.0.0",
            actual="".join(f"\n  {sentence}" for sentence in gaps),
        )
    for table in TABLES:
        for check in table.checks:
            row = {**canonical_row(table, 1), check.column: check.refused[0]}
            what = f"{table.name}.{check.column} = {check.refused[0]}"
            expect_refused(writer, table, row, "23514", what)


@checks("migrations.repeatable")
def test_repeatable(fresh: Database, schema: str, implementation: Implementation) -> None:
    fill_tables(fresh, schema)
    before = state_of(fresh, schema)
    outcome = implementation.migrate(fresh)
    if isinstance(outcome, Refused):
        raise Violation(expected="migrating a migrated database is accepted", actual=outcome.report)
    expect_unchanged(before, state_of(fresh, schema), "migrating again")


@checks("migrations.checksum-of-bytes")
def test_checksum_is_of_the_bytes(history: History) -> None:
    expect_line_endings_count(history)
    expect_byte_order_mark_counts(history)


@checks("migrations.edited-file-refused")
def test_edited_file_is_refused(fresh: Database, history: History) -> None:
    before = history.state_of(fresh)
    for edited in edited_files(history.files):
        outcome = history.migrate(fresh, edited.edit)
        what = f"migrating when {edited.told}"
        expect_unchanged(before, history.state_of(fresh), what)
        if isinstance(outcome, Accepted):
            raise Violation(expected=f"the run stops, since {edited.told}", actual="it ends well")
        expect_one_reported(outcome, edited.versions, edited.told)
    _expect_checked_first(history)


@checks("migrations.deleted-file-noticed")
def test_deleted_file_is_noticed(fresh: Database, history: History) -> None:
    for file in a_few(history.files):
        outcome = history.migrate(fresh, Without(file.name))
        expect_reported(outcome, file.version, f"{file.name}, which was applied, is gone")
    newest, version = history.files[-1], version_after(history.files)
    outcome = history.migrate(fresh, Renamed(newest.name, version))
    expect_reported(outcome, newest.version, f"{newest.name} was applied and is now {version}")
    outcome = history.migrate(fresh, Only(()))
    # Who refuses an empty directory has noticed, and need not tell one version from another.
    if isinstance(outcome, Accepted):
        versions = [file.version for file in history.files]
        expect_one_reported(outcome, versions, "every file that was applied is gone")


@checks("migrations.out-of-order-noticed")
def test_out_of_order_is_noticed(fresh: Database, history: History) -> None:
    version = version_before(history.files)
    outcome = history.migrate(fresh, ExtraMigration(version))
    expect_reported(outcome, version, f"the new file {version} is older than the newest applied")


@checks("migrations.duplicate-version-noticed")
def test_duplicate_version_is_noticed(fresh: Database, history: History) -> None:
    for file in a_few(history.files):
        outcome = history.migrate(fresh, ExtraMigration(file.version))
        expect_reported(outcome, file.version, f"a second file has the version of {file.name}")


@checks("migrations.failure-is-atomic")
def test_failure_is_atomic(history: History, note: Callable[[str], None]) -> None:
    coverage = expect_failures_undone(history)
    if coverage.files == 0:
        not_claimed("a migration that can run in a transaction")
    if told := coverage.told(len(history.files)):
        note(told)


@checks("migrations.killed-runner")
def test_killed_runner_leaves_all_or_nothing(history: History, note: Callable[[str], None]) -> None:
    remarks: list[str] = []
    for killed in killed_in_a_few(history, remarks):
        expect_whole_or_nothing(history, killed)
    _expect_some_killed(history, remarks, note)


@checks("migrations.resumed-after-kill")
def test_next_runner_resumes(
    history: History, snapshot: Snapshot, run: Run, note: Callable[[str], None]
) -> None:
    remarks: list[str] = []
    for killed in killed_in_a_few(history, remarks):
        expect_resumed(history, killed, run.options.time_limit, snapshot)
    _expect_some_killed(history, remarks, note)


@checks("migrations.from-every-version")
def test_from_every_version(history: History, snapshot: Snapshot) -> None:
    for stop in stops(history):
        expect_brought_to_newest(history, stop, snapshot)


@checks("migrations.up-again")
def test_up_again(history: History, note: Callable[[str], None]) -> None:
    if not any(read_parts(file).has_down for file in history.files):
        not_claimed("a migration with a down part")
    if remarks := list(expect_applicable_again(history)):
        note("not tried: " + "; ".join(remarks))


@checks("migrations.concurrent-runners")
def test_concurrent_runners(
    run: Run,
    beginning: Template,
    schema: str,
    snapshot: Snapshot,
    implementation: Implementation,
    target: Target,
) -> None:
    pool = run.pool(beginning)
    with pool.lend("clone") as lease:
        expect_all_end_well(implementation.migrate, lease.database, schema, snapshot)
        _expect_same_records(lease.database, schema, implementation)
    with pool.lend("clone") as lease:
        processes = process_runner(target, lease.database, run.options.time_limit)
        if processes:
            expect_all_end_well(processes.migrate, lease.database, schema, snapshot)
            _expect_same_records(lease.database, schema, implementation)


@checks("migrations.records-never-change")
def test_records_never_change(fresh: Database, schema: str, implementation: Implementation) -> None:
    with fresh.observe(autocommit=True) as connection:
        before = row_versions(connection, schema, RECORDS)
        implementation.migrate(fresh)
        if "verify_schema" in implementation.claims:
            implementation.verify_schema(fresh)
        gone = before - row_versions(connection, schema, RECORDS)
    if gone:
        raise Violation(
            expected=f"no row of {RECORDS} is updated or deleted",
            actual=f"{len(gone)} of {len(before)} rows are no longer the version they were",
        )


@checks("migrations.records-protected")
def test_records_are_protected(writer: psycopg.Connection[Any]) -> None:
    expect_protected(writer, SCHEMA_MIGRATIONS)


def _expect_some_killed(history: History, remarks: list[str], note: Callable[[str], None]) -> None:
    if len(remarks) == len(a_few(history.files)):
        not_claimed("a migration that can run in a transaction")
    if remarks:
        note("killed " + "; ".join(remarks))


@checks("migrations.backward-compatible.<version>")
def test_backward_compatible(
    subject: MigrationFile, judged_steps: JudgedSteps, note: Callable[[str], None]
) -> None:
    expect_no_breaks(judged_steps[subject], Family.BACKWARD_COMPATIBLE, note)


@checks("migrations.old-writers.<version>")
def test_old_writers(
    subject: MigrationFile, judged_steps: JudgedSteps, note: Callable[[str], None]
) -> None:
    expect_no_breaks(judged_steps[subject], Family.OLD_WRITERS, note)


@checks("migrations.data-preserved.<version>")
def test_data_preserved(
    subject: MigrationFile, judged_steps: JudgedSteps, note: Callable[[str], None]
) -> None:
    expect_no_breaks(judged_steps[subject], Family.DATA_PRESERVED, note)


@checks("migrations.down-restores.<version>")
def test_down_restores(
    subject: MigrationFile, judged_steps: JudgedSteps, note: Callable[[str], None]
) -> None:
    expect_no_breaks(judged_steps[subject], Family.DOWN_RESTORES, note)


@checks("migrations.lock-safe.<version>")
def test_lock_safe(
    subject: MigrationFile, judged_steps: JudgedSteps, note: Callable[[str], None]
) -> None:
    expect_no_breaks(judged_steps[subject], Family.LOCK_SAFE, note)


def _expect_record(file: MigrationFile, record: Mapping[str, Any]) -> None:
    if not (record["description"] or "").strip():
        raise Violation(expected=f"a description of {file.version}", actual="an empty one")
    if record["checksum"] != file.checksum:
        raise Violation(
            expected=f"checksum {file.checksum}, the SHA-256 of the bytes of {file.name}",
            actual=checksum_told(file, str(record["checksum"])),
        )
    if not isinstance(record["applied_at"], datetime):
        raise Violation(expected=f"applied_at of {file.version} is set", actual="it is NULL")
    duration = record["execution_time_ms"]
    if duration is not None and duration < 0:
        raise Violation(expected="execution_time_ms is NULL or not negative", actual=str(duration))


def _expect_same_records(database: Database, schema: str, implementation: Implementation) -> None:
    """Each version once: a table whose primary key was lost could hold one twice."""
    query = sql.SQL("SELECT version FROM {} GROUP BY version HAVING count(*) > 1")
    with database.observe() as connection:
        rows = connection.execute(query.format(sql.Identifier(schema, RECORDS))).fetchall()
    if rows:
        raise Violation(
            expected=f"{implementation.name} applies every migration once",
            actual=f"recorded more than once: {_versions([{'version': v} for (v,) in rows])}",
        )


def _expect_checked_first(history: History) -> None:
    """Expect a run that has something to apply to look at what was applied before it does."""
    oldest, newest = history.files[0], history.files[-1]
    if oldest == newest:
        return
    with history.database() as database:
        history.migrate_before(database, newest)
        before = history.state_of(database)
        outcome = history.migrate(database, AppendedByte(oldest.name))
        told = f"{oldest.name} was edited and {newest.name} is still to be applied"
        expect_unchanged(before, history.state_of(database), f"migrating when {told}")
        if isinstance(outcome, Accepted):
            raise Violation(expected=f"the run stops, since {told}", actual="it ends well")


def _versions(records: list[dict[str, Any]]) -> str:
    return ", ".join(str(record["version"]) for record in records) or "none"
