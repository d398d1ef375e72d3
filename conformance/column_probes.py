"""What a column does when it is given NULL, or nothing at all."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from pytest_chopsticks.violation import Violation

from .canonical_rows import canonical_row
from .canonical_schema import Column, Table
from .row_probes import expect_refused, insert_and_read, insert_row, savepoint

if TYPE_CHECKING:
    from pytest_chopsticks.catalog import Snapshot
    from pytest_chopsticks.catalog.structure import Column as SnapshotColumn

#: What a default may round the time by: CURRENT_TIMESTAMP(3) is now() too.
_A_MILLISECOND = timedelta(milliseconds=1)
_NULL_OR_CHECK = "23"
_LAST_SERIAL = 2**31 - 1
_NEXTVAL = re.compile(r"""nextval\('(?:[^'."]+\.|"[^"]+"\.)?"?((?:[^'"]|"")+)"?'""")


def expect_nullability(connection: psycopg.Connection[Any], table: Table, column: Column) -> None:
    """Expect NULL to be accepted, or refused by the database, as the document says."""
    row = {**canonical_row(table, 1), column.name: None}
    what = f"{table.name}.{column.name} = NULL"
    if column.nullable:
        with savepoint(connection, what):
            insert_row(connection, table, row)
    else:
        expect_refused(connection, table, row, _NULL_OR_CHECK, what)


def expect_default(connection: psycopg.Connection[Any], table: Table, column: Column) -> None:
    """Expect a row that omits the column to hold the document's default, or to be refused."""
    if column.serial:
        _expect_serial(connection, table, column)
    elif column.required:
        what = f"a row of {table.name} without {column.name}"
        row = _without(table, column)
        expect_refused(connection, table, row, _NULL_OR_CHECK, what)
    else:
        _expect_value(connection, table, column)
        if column.default == "now()":
            with connection.transaction(force_rollback=True):
                connection.execute("SET LOCAL TimeZone TO 'Asia/Tokyo'")
                _expect_value(connection, table, column, " by a client in Tokyo")


def expect_room(snapshot: Snapshot, table: str, column: SnapshotColumn) -> None:
    """Expect the sequence that numbers the rows to go as far as the document's, SERIAL."""
    owned = f"{table}.{column.name}"
    drawn = _NEXTVAL.search(column.default or "")
    sequence = (
        snapshot.sequences.get(drawn[1].replace('""', '"'))
        if drawn
        else next((one for one in snapshot.sequences.values() if one.owned_by == owned), None)
    )
    if sequence is None:
        return
    numbers = max(-sequence.minimum, sequence.maximum)
    if numbers < _LAST_SERIAL:
        end = sequence.maximum if sequence.increment > 0 else sequence.minimum
        raise Violation(
            expected=f"{owned} has fresh integers up to {_LAST_SERIAL}, as a SERIAL has",
            actual=f"its sequence {sequence.name} ends at {end}",
        )


def default_fits(connection: psycopg.Connection[Any], table: Table, column: Column) -> bool:
    """Whether the column's default is the document's."""
    try:
        expect_default(connection, table, column)
    except Violation:
        return False
    return True


def _expect_serial(connection: psycopg.Connection[Any], table: Table, column: Column) -> None:
    name = f"{table.name}.{column.name}"
    with savepoint(connection, f"rows of {table.name} without {column.name}"):
        first, second = (
            insert_and_read(connection, table, canonical_row(table, number), column.name)
            for number in (1, 2)
        )
        if not isinstance(first, int) or first == second:
            raise Violation(
                expected=f"each row that omits {name} gets a fresh integer",
                actual=f"two rows got {first!r} and {second!r}",
            )
    row = {column.name: 1_000_000, **canonical_row(table, 1)}
    with savepoint(connection, f"{name} = 1000000"):
        insert_row(connection, table, row)


def _expect_value(
    connection: psycopg.Connection[Any], table: Table, column: Column, by: str = ""
) -> None:
    name = f"{table.name}.{column.name}"
    with savepoint(connection, f"a row of {table.name} without {column.name}"):
        actual = insert_and_read(connection, table, _without(table, column), column.name)
        if not _has_default(connection, column, actual):
            raise Violation(
                expected=f"a row{by} that omits {name} has {column.default or 'NULL'} there",
                actual=f"it has {actual!r}",
            )


def _has_default(connection: psycopg.Connection[Any], column: Column, actual: Any) -> bool:
    """Compare; a time has to be of this transaction, which a constant in the default is not."""
    default = sql.SQL(f"({column.default or 'NULL'})::{column.type}")
    query = sql.SQL("SELECT {default}, clock_timestamp()").format(default=default)
    row = connection.execute(query).fetchone()
    assert row is not None
    expected, now = row
    if column.default == "now()":
        return bool(actual and expected - _A_MILLISECOND <= actual <= now + _A_MILLISECOND)
    return bool(actual == expected)


def _without(table: Table, column: Column) -> dict[str, Any]:
    row = canonical_row(table, 1)
    del row[column.name]
    return row
