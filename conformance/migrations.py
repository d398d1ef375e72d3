"""Area `migrations`: files, records, and what the runner does when something is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from pytest_chopsticks.catalog import Snapshot, differences
from pytest_chopsticks.databases import Database, DatabaseProvider
from pytest_chopsticks.implementations import Accepted, Implementation, Refused, Target
from pytest_chopsticks.migrations.editions import (
    AppendedByte,
    ExtraMigration,
    FailureAtEnd,
    Only,
    Without,
    edition,
)
from pytest_chopsticks.migrations.files import (
    MigrationFile,
    duplicate_versions,
    list_migrations,
    name_problem,
)
from pytest_chopsticks.migrations.parts import read_parts
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.violation import Violation

from .canonical_rows import canonical_row
from .canonical_schema import SCHEMA_MIGRATIONS, TABLES
from .database_state import expect_unchanged, row_versions, state_of
from .evolution_policy import missing
from .migration_history import a_few, directory_of, expect_reported, version_before
from .row_probes import expect_refused

_RECORDS = SCHEMA_MIGRATIONS.name
_RUNNERS = 3


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
    if not read_parts(subject).has_up:
        raise Violation(expected=f"{subject.name} has an up part", actual="it has none")


@checks("migrations.recorded.<version>")
def test_recorded(subject: MigrationFile, migrated: Database, schema: str) -> None:
    with migrated.observe(row_factory=dict_row) as connection:
        query = sql.SQL("SELECT * FROM {} ORDER BY version")
        records = connection.execute(query.format(sql.Identifier(schema, _RECORDS))).fetchall()
    own = [record for record in records if record["version"] == subject.version]
    if len(own) != 1:
        raise Violation(
            expected=f"one row of {_RECORDS} with version {subject.version}",
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
    snapshot: Snapshot, canonical_snapshot: Snapshot, writer: psycopg.Connection[Any]
) -> None:
    found = differences(canonical_snapshot, snapshot)
    if gaps := [str(change) for change in found if missing(change, snapshot)]:
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
    before = state_of(fresh, schema)
    outcome = implementation.migrate(fresh)
    if isinstance(outcome, Refused):
        raise Violation(expected="migrating a migrated database is accepted", actual=outcome.report)
    expect_unchanged(before, state_of(fresh, schema), "migrating again")


@checks("migrations.edited-file-refused")
def test_edited_file_is_refused(
    fresh: Database, schema: str, implementation: Implementation, target: Target
) -> None:
    directory = directory_of(target)
    before = state_of(fresh, schema)
    for file in a_few(list_migrations(directory)):
        with edition(directory, AppendedByte(file.name)) as edited:
            outcome = implementation.migrate(fresh, edited)
        expect_unchanged(before, state_of(fresh, schema), f"migrating with {file.name} edited")
        if isinstance(outcome, Accepted):
            raise Violation(
                expected=f"the run stops, since {file.name} got one more byte after it was applied",
                actual="it ends well",
            )
        expect_reported(outcome, file.version, f"{file.name} was edited")


@checks("migrations.deleted-file-noticed")
def test_deleted_file_is_noticed(
    fresh: Database, implementation: Implementation, target: Target
) -> None:
    directory = directory_of(target)
    for file in a_few(list_migrations(directory)):
        with edition(directory, Without(file.name)) as edited:
            outcome = implementation.migrate(fresh, edited)
        expect_reported(outcome, file.version, f"{file.name}, which was applied, is gone")


@checks("migrations.out-of-order-noticed")
def test_out_of_order_is_noticed(
    fresh: Database, implementation: Implementation, target: Target
) -> None:
    directory = directory_of(target)
    version = version_before(list_migrations(directory))
    with edition(directory, ExtraMigration(version)) as edited:
        outcome = implementation.migrate(fresh, edited)
    expect_reported(outcome, version, f"the new file {version} is older than the newest applied")


@checks("migrations.failure-is-atomic")
def test_failure_is_atomic(
    databases: DatabaseProvider, schema: str, implementation: Implementation, target: Target
) -> None:
    directory = directory_of(target)
    files = list_migrations(directory)
    for file in a_few(files):
        earlier = tuple(one.name for one in files if one < file)
        with databases.empty() as database:
            with edition(directory, Only(earlier)) as prefix:
                implementation.migrate(database, prefix)
            before = state_of(database, schema)
            with edition(directory, FailureAtEnd(file.name)) as edited:
                outcome = implementation.migrate(database, edited)
            after = state_of(database, schema)
        what = f"a migration {file.name} that fails at its end"
        if isinstance(outcome, Accepted):
            raise Violation(expected=f"{what} stops the run", actual="the run ends well")
        own_table = _RECORDS if not after.row_versions.get(_RECORDS) else None
        expect_unchanged(before, after, what, but_for=own_table)
        expect_reported(outcome, file.version, what)


@checks("migrations.concurrent-runners")
def test_concurrent_runners(
    empty: Database, schema: str, snapshot: Snapshot, implementation: Implementation
) -> None:
    with ThreadPoolExecutor(_RUNNERS) as pool:
        outcomes = list(pool.map(implementation.migrate, [empty] * _RUNNERS))
    for outcome in outcomes:
        if isinstance(outcome, Refused):
            raise Violation(
                expected=f"{_RUNNERS} runners that start at once all end well",
                actual=f"one is refused: {outcome.report}",
            )
    state = state_of(empty, schema)
    if changed := differences(snapshot, state.snapshot):
        raise Violation(
            expected="the same schema as by one runner",
            actual="".join(f"\n  {change}" for change in changed),
        )
    _expect_same_records(empty, schema, implementation)


@checks("migrations.records-never-change")
def test_records_never_change(fresh: Database, schema: str, implementation: Implementation) -> None:
    with fresh.observe(autocommit=True) as connection:
        before = row_versions(connection, schema, _RECORDS)
        implementation.migrate(fresh)
        if "verify_schema" in implementation.claims:
            implementation.verify_schema(fresh)
        gone = before - row_versions(connection, schema, _RECORDS)
    if gone:
        raise Violation(
            expected=f"no row of {_RECORDS} is updated or deleted",
            actual=f"{len(gone)} of {len(before)} rows are no longer the version they were",
        )


@checks("migrations.records-protected")
def test_records_are_protected(writer: psycopg.Connection[Any], snapshot: Snapshot) -> None:
    accepted = []
    for statement in (
        f"UPDATE {_RECORDS} SET description = description",
        f"DELETE FROM {_RECORDS}",
        f"TRUNCATE {_RECORDS}",
    ):
        try:
            with writer.transaction(force_rollback=True):
                writer.execute(statement.encode())
        except psycopg.Error:
            continue
        accepted.append(statement)
    if accepted:
        raise Violation(
            expected=f"the database refuses to change rows of {_RECORDS} in {snapshot.schema}",
            actual=f"accepted: {'; '.join(accepted)}",
        )


def _expect_record(file: MigrationFile, record: Mapping[str, Any]) -> None:
    if not (record["description"] or "").strip():
        raise Violation(expected=f"a description of {file.version}", actual="an empty one")
    if record["checksum"] != file.checksum:
        raise Violation(
            expected=f"checksum {file.checksum}, the SHA-256 of the bytes of {file.name}",
            actual=str(record["checksum"]),
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
        rows = connection.execute(query.format(sql.Identifier(schema, _RECORDS))).fetchall()
    if rows:
        raise Violation(
            expected=f"{implementation.name} applies every migration once",
            actual=f"recorded more than once: {_versions([{'version': v} for (v,) in rows])}",
        )


def _versions(records: list[dict[str, Any]]) -> str:
    return ", ".join(str(record["version"]) for record in records) or "none"
