"""Area `schema`: the tables, columns, keys, checks and indexes of the document.

Judged by behaviour wherever behaviour can show it, on the catalog where it cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pytest_chopsticks.catalog import Snapshot, differences, structure
from pytest_chopsticks.catalog.index_coverage import leads_with
from pytest_chopsticks.databases import Database, Template
from pytest_chopsticks.implementations import Accepted, Implementation, Outcome, Refused
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.run import Run
from pytest_chopsticks.violation import Violation

from .canonical_rows import canonical_row
from .canonical_schema import Check, Column, Index, Table
from .canonical_statements import statements
from .changed_defaults import ChangedDefaults
from .column_probes import expect_default, expect_nullability, expect_room
from .database_state import expect_unchanged
from .drift import (
    CHANGED_SETTINGS,
    Verified,
    change_settings,
    recreate_in_another_order,
    verify_drifts,
)
from .evolution_policy import prohibited
from .index_matching import canonical_keys
from .populating import Populated
from .query_plan import indexes_used
from .removed_indexes import RemovedIndexes
from .row_probes import accepted, expect_refused, insert_row, savepoint, update_row
from .statement_outcomes import run_statements


@checks("schema.table.<table>")
def test_table(subject: Table, snapshot: Snapshot) -> None:
    table = _table(snapshot, subject)
    if table.kind not in ("ordinary", "partitioned"):
        raise Violation(expected=f"{subject.name} is a table", actual=f"it is a {table.kind}")
    for part in (table, *_partitions(snapshot, table)):
        if part.persistence != "permanent":
            what = "it" if part is table else f"its partition {part.name}"
            raise Violation(
                expected=f"{subject.name} is permanent, so that it survives a crash",
                actual=f"{what} is {part.persistence}",
            )


@checks("schema.column.<table>.<column>")
def test_column(
    subject: tuple[Table, Column],
    writer: psycopg.Connection[Any],
    snapshot: Snapshot,
    changed_defaults: ChangedDefaults,
    note: Callable[[str], None],
) -> None:
    table, column = subject
    name = f"{table.name}.{column.name}"
    table = _present(snapshot, table, column.name)
    found = snapshot.tables[table.name].columns[column.name]
    if found.type != column.type:
        beneath = f", a domain over {found.base_type}" if found.base_type else ""
        raise Violation(expected=f"{name} is {column.type}", actual=f"it is {found.type}{beneath}")
    expect_nullability(writer, table, column)
    if change := changed_defaults.get((table.name, column.name)):
        note(f"{change}; a changed default is allowed")
    else:
        expect_default(writer, table, column)
    if column.serial:
        expect_room(snapshot, table.name, found)


@checks("schema.primary-key.<table>")
def test_primary_key(subject: Table, snapshot: Snapshot) -> None:
    key = _table(snapshot, subject).primary_key
    expected = f"PRIMARY KEY ({', '.join(subject.primary_key)}) on {subject.name}"
    if key is None:
        raise Violation(expected=expected, actual="it has no primary key")
    if key.columns != subject.primary_key:
        raise Violation(expected=expected, actual=f"PRIMARY KEY ({', '.join(key.columns)})")


@checks("schema.unique.<table>.<columns>")
def test_unique(
    subject: tuple[Table, tuple[str, ...]], writer: psycopg.Connection[Any], snapshot: Snapshot
) -> None:
    table, columns = subject
    table = _present(snapshot, table, *columns)
    first, second = canonical_row(table, 1), canonical_row(table, 2)
    same = {**second, **{name: first[name] for name in columns}}
    what = f"({', '.join(columns)}) of {table.name}"
    with accepted(f"a row of {table.name}"):
        insert_row(writer, table, first)
    expect_refused(writer, table, same, "23505", f"a second row with the same {what}")
    for name in columns:
        differing = {**same, name: second[name]}
        with savepoint(writer, f"a row that differs in {table.name}.{name}"):
            insert_row(writer, table, differing)
    with savepoint(writer, f"ON CONFLICT ({', '.join(columns)}) on {table.name}"):
        insert_row(writer, table, same, on_conflict=columns)


@checks("schema.check.<table>.<column>")
def test_check(
    subject: tuple[Table, Check], writer: psycopg.Connection[Any], snapshot: Snapshot
) -> None:
    table, check = subject
    table = _present(snapshot, table, check.column)
    for value in check.accepted:
        row = {**canonical_row(table, 1), check.column: value}
        with savepoint(writer, f"{table.name}.{check.column} = {value}"):
            insert_row(writer, table, row)
        with savepoint(writer, f"an update to {table.name}.{check.column} = {value}"):
            update_row(writer, table, row, check.column)
    for value in check.refused:
        row = {**canonical_row(table, 1), check.column: value}
        what = f"{table.name}.{check.column} = {value}"
        expect_refused(writer, table, row, "23514", what)
        expect_refused(writer, table, row, "23514", f"an update to {what}", update=check.column)


@checks("schema.index.<table>.<columns>")
def test_index(
    subject: tuple[Table, Index],
    snapshot: Snapshot,
    removed_indexes: RemovedIndexes,
    note: Callable[[str], None],
) -> None:
    table, index = subject
    if not _fitting(snapshot, table, index):
        if removed := removed_indexes.of(table.name, index):
            note(str(removed))
            return
        found = _table(snapshot, table).indexes
        others = "; ".join(f"{one.name} {one}{_faults(one)}" for one in found)
        raise Violation(
            expected=f"a valid, ready, full btree index on {table.name} ({_keys(index)})",
            actual=f"the indexes of {table.name} are: {others or 'none'}",
        )


@checks("schema.index-name.<table>.<columns>")
def test_index_name(
    subject: tuple[Table, Index],
    snapshot: Snapshot,
    removed_indexes: RemovedIndexes,
    note: Callable[[str], None],
) -> None:
    table, index = subject
    fitting = _fitting(snapshot, table, index)
    if not fitting and (removed := removed_indexes.of(table.name, index)):
        note(str(removed))
    elif index.name not in fitting:
        raise Violation(
            expected=f"the index on {table.name} ({_keys(index)}) is named {index.name}",
            actual=f"it is named {', '.join(fitting)}" if fitting else "there is no such index",
        )


@checks("schema.index-serves.<table>.<columns>")
def test_index_serves(
    subject: tuple[Table, Index],
    populated: Populated,
    snapshot: Snapshot,
    removed_indexes: RemovedIndexes,
    note: Callable[[str], None],
) -> None:
    table, index = subject
    removed = removed_indexes.of(table.name, index)
    if removed and not _fitting(snapshot, table, index):
        note(str(removed))
        return
    _present(snapshot, table, *index.columns)
    connection = populated.with_rows_in(table)
    with savepoint(connection, index.serves):
        row = connection.execute(_some_value(table, index)).fetchone()
        if row is None:
            raise Violation(
                expected=f"{table.name} takes rows of version 1.0.0", actual="it takes none"
            )
        used = indexes_used(connection, index.serves, row[0])
    if not any(keys[: len(index.columns)] == index.columns for keys in used.values()):
        raise Violation(
            expected=f"an index that leads with {_keys(index)} answers: {index.serves}",
            actual=f"the plan uses {', '.join(used)}" if used else "the plan uses no index",
        )


@checks("schema.accepts-canonical-writes.<table>")
def test_accepts_canonical_writes(
    subject: Table,
    writer: psycopg.Connection[Any],
    canonical_writer: psycopg.Connection[Any],
    snapshot: Snapshot,
    changed_defaults: ChangedDefaults,
) -> None:
    _table(snapshot, subject)
    changed = {column for table, column in changed_defaults if table == subject.name}
    sent = tuple(statements(subject))
    outcomes = (
        run_statements(connection, subject, sent, ignoring=changed)
        for connection in (canonical_writer, writer)
    )
    for statement, expected, actual in zip(sent, *outcomes, strict=True):
        if not actual.same_as(expected):
            query = statement.query.as_string(writer)
            raise Violation(
                expected=f"{statement.title} on {subject.name}: {expected.told_against(actual)}",
                actual=f"{actual.told_against(expected)}\nStatement: {query}",
            )


@checks("schema.only-allowed-changes")
def test_only_allowed_changes(
    snapshot: Snapshot,
    canonical_snapshot: Snapshot,
    removed_indexes: RemovedIndexes,
    note: Callable[[str], None],
) -> None:
    changed = differences(canonical_snapshot, snapshot)
    unlike = [one for one in changed if prohibited(one, canonical_snapshot, snapshot)]
    if declared := list(filter(None, map(removed_indexes.of_change, unlike))):
        note("; ".join(map(str, declared)))
    found = [str(change) for change in unlike if not removed_indexes.of_change(change)]
    if found:
        raise Violation(
            expected="only changes that the Schema Evolution Policy allows",
            actual="".join(f"\n  {sentence}" for sentence in found),
        )


@checks("schema.hash.deterministic")
def test_hash_is_deterministic(
    migrated: Database, fresh: Database, schema: str, implementation: Implementation
) -> None:
    expected = _hash(implementation.verify_schema(migrated))
    with fresh.observe(autocommit=True) as connection:
        recreate_in_another_order(connection, schema)
        change_settings(connection, fresh.name)
    outcome = implementation.verify_schema(fresh)
    if (actual := _hash(outcome)) != expected:
        refusal = outcome.report or "no report" if isinstance(outcome, Refused) else ""
        raise Violation(
            expected=f"the hash {expected} again, after indexes and a table were made anew in"
            " another order and the database's settings were changed:"
            f" {', '.join(CHANGED_SETTINGS)}",
            actual=f"the schema is refused: {refusal}" if refusal else f"the hash {actual}",
        )


@pytest.fixture(scope="session")
def verified(
    run: Run, migrated_template: Template, schema: str, implementation: Implementation
) -> Sequence[Verified]:
    """What the implementation says of each drift, asked once for all that judge it."""
    return verify_drifts(run.pool(migrated_template), schema, implementation)


@checks("schema.hash.sensitive")
def test_hash_is_sensitive(
    migrated: Database, implementation: Implementation, verified: Sequence[Verified]
) -> None:
    before = _hash(implementation.verify_schema(migrated))
    unnoticed = [one.drift.title for one in verified if _hash(one.outcome) == before]
    if unnoticed:
        raise Violation(
            expected="another hash, or a refusal, after each change of structure",
            actual=f"the same hash after: {'; '.join(unnoticed)}",
        )


@checks("schema.drift-detected")
def test_drift_is_detected(verified: Sequence[Verified]) -> None:
    for one in verified:
        if isinstance(one.outcome, Accepted):
            raise Violation(expected=f"a refusal after: {one.drift.title}", actual="none")
        if not any(name in one.outcome.report for name in one.drift.names):
            raise Violation(
                expected=f"a refusal that names {' or '.join(one.drift.names)}",
                actual=one.outcome.report or "an empty one",
            )
        expect_unchanged(one.before, one.after, "verifying the schema")


def _hash(outcome: Outcome) -> str | None:
    """The implementation's hash; None when it refuses the schema."""
    if isinstance(outcome, Refused):
        return None
    value = outcome.result.get("hash") if isinstance(outcome.result, Mapping) else None
    if not isinstance(value, str) or not value:
        raise Violation(
            expected="verify_schema answers {hash}", actual=f"it answers {outcome.result!r}"
        )
    return value


def _table(snapshot: Snapshot, table: Table) -> structure.Table:
    found = snapshot.tables.get(table.name)
    if found is None:
        others = ", ".join(sorted(snapshot.tables)) or "none"
        raise Violation(
            expected=f"the table {table.name}",
            actual=f"the tables of schema {snapshot.schema} are: {others}",
        )
    return found


def _partitions(snapshot: Snapshot, table: structure.Table) -> Iterator[structure.Table]:
    """The partitions at every depth."""
    for part in snapshot.tables.values():
        if part.is_partition and table.name in part.inherits:
            yield part
            yield from _partitions(snapshot, part)


def _present(snapshot: Snapshot, table: Table, *columns: str) -> Table:
    """The table with the columns that are there; those named have to be."""
    found = _table(snapshot, table).columns
    for name in columns:
        if name not in found:
            raise Violation(
                expected=f"the column {table.name}.{name}",
                actual=f"the columns of {table.name} are: {', '.join(found)}",
            )
    return table.only(found)


def _fitting(snapshot: Snapshot, table: Table, index: Index) -> list[str]:
    """The names of the indexes that do for one of the document's."""
    found = _table(snapshot, table).indexes
    return [one.name for one in found if leads_with(one, canonical_keys(index))]


def _keys(index: Index) -> str:
    return ", ".join(map(str, canonical_keys(index)))


def _faults(index: structure.Index) -> str:
    faults = [
        word
        for word, there in (
            (" invalid", not (index.valid and index.ready)),
            (" partial", index.predicate is not None),
            (" (made by a constraint)", index.backs_constraint),
        )
        if there
    ]
    return "".join(faults)


def _some_value(table: Table, index: Index) -> sql.Composed:
    """The query for a value that few rows have: the first in order, such as public pools' word."""
    column = sql.Identifier(index.columns[0])
    return sql.SQL("SELECT {0} FROM {1} GROUP BY {0} ORDER BY count(*), {0} LIMIT 1").format(
        column, sql.Identifier(table.name)
    )
