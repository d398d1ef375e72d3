"""What a reader of the version before meets that its schema forbade: a NULL, an unknown value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog import Change, Snapshot, changes, differences
from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict
from pytest_chopsticks.compatibility.loosened_conditions import takes_more, takes_null
from pytest_chopsticks.compatibility.policy import columns_of_check

if TYPE_CHECKING:
    from pytest_chopsticks.catalog.structure import CheckConstraint, Domain, Table

RULE = "old-reader-surprised"


def old_reader_findings(
    connection: psycopg.Connection[Any],
    before: Snapshot,
    after: Snapshot,
    place_of: Callable[[Change], Place],
) -> Iterator[Finding]:
    """Look at the rows after a migration, and at what the schema now lets the new version write."""
    for change in differences(before, after):
        place = place_of(change)
        match change:
            case changes.NullabilityLoosened(table=table, column=column):
                if takes_null(connection, after.schema, table, column):
                    yield _null(connection, after.schema, table, column, place)
            case changes.CheckRemoved(table=table, constraint=check):
                there = set(columns_of_check(check, before.tables[table]))
                kept = after.tables[table]
                if there <= kept.columns.keys() and not _is_not_null(check, there, kept):
                    yield _unknown(connection, after.schema, table, check, place)
            case changes.EnumLabelAdded(enum=enum, label=label):
                yield _unknown_label(enum, label, place)
            case changes.DomainChanged(before=was, after=now):
                yield from _of_domain(was, now, place)
            case changes.CheckChanged(table=table, before=old_check, after=new_check):
                columns = after.tables[table]
                if takes_more(connection, after.schema, columns, old_check, new_check):
                    yield _unknown(connection, after.schema, table, old_check, place)


def _is_not_null(check: CheckConstraint, columns: set[str], table: Table) -> bool:
    """Whether the check says no more than that a column is not NULL, which the table says too."""
    said = {f"{quoted} IS NOT NULL" for name in columns for quoted in (name, f'"{name}"')}
    return check.expression.strip("()") in said and not any(
        table.columns[name].nullable for name in columns
    )


def _of_domain(was: Domain, now: Domain, place: Place) -> Iterator[Finding]:
    """Whatever column is of the domain may then hold what no column of it could."""
    kept = {check.expression for check in now.checks}
    gone = [str(check) for check in was.checks if check.expression not in kept]
    if now.nullable and not was.nullable:
        gone.append("NOT NULL")
    for condition in gone:
        said = f"could rely on {condition} of the domain {was.name}"
        yield _surprise(was.name, f"{said}; the new version may write others", 0, place)


def _unknown_label(enum: str, label: str, place: Place) -> Finding:
    said = f"does not know '{label}', which the new version may write where {enum} is used"
    return _surprise(enum, said, 0, place)


def _null(
    connection: psycopg.Connection[Any], schema: str, table: str, column: str, place: Place
) -> Finding:
    condition = sql.SQL("{} IS NULL").format(sql.Identifier(column))
    there = _count(connection, schema, table, condition)
    seen = f"{there} rows hold one already" if there else "the new version may write one"
    return _surprise(f"{table}.{column}", f"met no NULL in {table}.{column}; {seen}", there, place)


def _unknown(
    connection: psycopg.Connection[Any],
    schema: str,
    table: str,
    check: CheckConstraint,
    place: Place,
) -> Finding:
    condition = sql.SQL("NOT ({})").format(sql.SQL(check.expression))
    there = _count(connection, schema, table, condition)
    seen = f"{there} rows break it already" if there else "the new version may write others"
    said = f"could rely on {check} in {table}; {seen}"
    return _surprise(f"{table}.{check.name}", said, there, place)


def _surprise(subject: str, said: str, there: int, place: Place) -> Finding:
    """`said` is about the reader; `there` is how many rows show it already."""
    return Finding(
        family=Family.OLD_WRITERS,
        rule=RULE,
        subject=subject,
        message=f"a reader of the version before {said}",
        evidence=Evidence.CONFIRMED if there else Evidence.OBSERVED,
        verdict=Verdict.BREAKS,
        place=place,
    )


def _count(
    connection: psycopg.Connection[Any], schema: str, table: str, condition: sql.Composable
) -> int:
    """How many rows; none where the condition no longer makes sense."""
    query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(
        sql.Identifier(schema, table), condition
    )
    try:
        with connection.transaction():
            row = connection.execute(query, prepare=False).fetchone()
    except psycopg.Error:
        return 0
    return int(row[0]) if row else 0
