"""Inserts single rows to see what a table accepts, and words what it did instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.compatibility.old_clients import statement_shapes as shapes
from pytest_chopsticks.violation import Violation

from .canonical_rows import canonical_row
from .canonical_schema import Table
from .statement_outcomes import write_prerequisites


def insert_row(
    connection: psycopg.Connection[Any],
    table: Table,
    row: Mapping[str, Any],
    *,
    on_conflict: Sequence[str] = (),
) -> None:
    """Insert one row, with what it may refer to; `on_conflict` names columns to DO NOTHING on."""
    write_prerequisites(connection, table)
    query = _insert(table, row)
    if on_conflict:
        query = shapes.on_conflict(query, on_conflict, shapes.DO_NOTHING)
    connection.execute(query, row)


def update_row(
    connection: psycopg.Connection[Any], table: Table, row: Mapping[str, Any], column: str
) -> None:
    """Insert the canonical row, then give a column what it holds in `row`."""
    there = canonical_row(table, 1)
    insert_row(connection, table, there)
    natural = (key for key in table.keys if there.keys() >= set(key))
    key = {name: there[name] for name in next(natural, ())}
    where = shapes.equal({name: sql.Placeholder(name) for name in key}) if key else sql.SQL("true")
    query = shapes.update(sql.Identifier(table.name), column, sql.Placeholder("value"), where)
    connection.execute(query, {**key, "value": row[column]})


def insert_and_read(
    connection: psycopg.Connection[Any], table: Table, row: Mapping[str, Any], column: str
) -> Any:
    """Insert one row and return what one of its columns then holds."""
    write_prerequisites(connection, table)
    query = sql.SQL("{} RETURNING {}").format(_insert(table, row), sql.Identifier(column))
    found = connection.execute(query, row).fetchone()
    if found is None:
        raise Violation(
            expected=f"an insert into {table.name} stores a row", actual="it stores none"
        )
    return found[0]


@contextmanager
def savepoint(connection: psycopg.Connection[Any], what: str) -> Iterator[None]:
    """Undo what is done inside; whatever the database refuses is a violation."""
    with accepted(what), connection.transaction(force_rollback=True):
        yield


@contextmanager
def accepted(what: str) -> Iterator[None]:
    """Whatever the database refuses inside is a violation."""
    try:
        yield
    except psycopg.Error as error:
        raise Violation(expected=f"{what} is accepted", actual=refusal(error)) from error


def expect_refused(
    connection: psycopg.Connection[Any],
    table: Table,
    row: Mapping[str, Any],
    sqlstates: str,
    what: str,
    *,
    update: str = "",
) -> None:
    """Expect an insert to be refused with an SQLSTATE, or one of a class given by two digits.

    With `update` it is the canonical row's update of that column to the row's value.
    """
    expected = f"{what} is refused with SQLSTATE {sqlstates.ljust(5, 'x')}"
    try:
        with connection.transaction(force_rollback=True):
            if update:
                update_row(connection, table, row, update)
            else:
                insert_row(connection, table, row)
    except psycopg.Error as error:
        if not (error.sqlstate or "").startswith(sqlstates):
            raise Violation(expected=expected, actual=refusal(error)) from error
    else:
        raise Violation(expected=expected, actual="it is accepted")


def refusal(error: psycopg.Error) -> str:
    """Word a refusal with its SQLSTATE."""
    message = error.diag.message_primary or str(error)
    return f"refused with SQLSTATE {error.sqlstate}: {message.strip()}"


def _insert(table: Table, row: Mapping[str, Any]) -> sql.Composed:
    values = {name: sql.Placeholder(name) for name in row}
    return shapes.insert(sql.Identifier(table.name), values)
