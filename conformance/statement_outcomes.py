"""Runs statements the way an application does, and tells what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from .canonical_rows import canonical_row, prerequisites
from .canonical_schema import TABLES, Table
from .canonical_statements import Statement, insert, visible_row

_BY_NAME = {table.name: table for table in TABLES}
_A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a statement did: refused with an SQLSTATE, or so many rows, and the row then visible."""

    sqlstate: str | None
    message: str
    row_count: int
    returned: tuple[Any, ...]
    visible: tuple[Any, ...]

    def same_as(self, other: Outcome) -> bool:
        """Whether an application could tell no difference; the text of a message is none."""
        return self._facts == other._facts

    @property
    def _facts(self) -> tuple[Any, ...]:
        return self.sqlstate, self.row_count, self.returned, self.visible

    def __str__(self) -> str:
        if self.sqlstate is not None:
            return f"refused with SQLSTATE {self.sqlstate} ({self.message})"
        rows = f"{self.row_count} row{'' if self.row_count == 1 else 's'}"
        if self.returned:
            return f"{rows}: {self.returned}"
        return f"{rows}, then visible: {self.visible or 'nothing'}"


def run_statement(
    connection: psycopg.Connection[Any],
    table: Table,
    statement: Statement,
    *,
    ignoring: Collection[str] = (),
) -> Outcome:
    """Run one statement on a table that holds row number 1, and undo everything.

    What the columns in `ignoring` hold is left out of what is visible.
    """
    with connection.transaction(force_rollback=True):
        try:
            _prepare(connection, table)
            cursor = connection.execute(statement.query, statement.parameters)
            row_count, returned = cursor.rowcount, _returned(cursor)
            visible = _visible(connection, table, statement, ignoring)
            _settle_constraints(connection)
        except psycopg.Error as error:
            message = (error.diag.message_primary or str(error)).strip()
            return Outcome(error.sqlstate or "none", message, 0, (), ())
        return Outcome(None, "", row_count, returned, visible)


def write_prerequisites(connection: psycopg.Connection[Any], table: Table) -> None:
    """Insert the rows of other tables that rows of this one may refer to, as far as that works.

    Whether they are needed shows when the row itself is written.
    """
    for name, row in prerequisites(table):
        statement = insert(_BY_NAME[name], row)
        with suppress(psycopg.Error), connection.transaction():
            connection.execute(statement.query, statement.parameters)


def _prepare(connection: psycopg.Connection[Any], table: Table) -> None:
    write_prerequisites(connection, table)
    first = insert(table, canonical_row(table, 1))
    connection.execute(first.query, first.parameters)


def _settle_constraints(connection: psycopg.Connection[Any]) -> None:
    """Let deferred constraints speak: an application would hear of them at COMMIT."""
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _returned(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    return tuple(cursor.fetchall()) if cursor.description else ()


def _visible(
    connection: psycopg.Connection[Any],
    table: Table,
    statement: Statement,
    ignoring: Collection[str],
) -> tuple[Any, ...]:
    if statement.key is None:
        return ()
    rows = connection.execute(*visible_row(table, statement.key, ignoring)).fetchall()
    return tuple(_comparable(row) for row in rows)


def _comparable(row: Iterable[Any]) -> tuple[Any, ...]:
    """Replace the time of the statement by a word: it differs from run to run."""
    now = datetime.now(UTC)
    return tuple(
        "now" if isinstance(value, datetime) and abs(now - value) < _A_MINUTE else value
        for value in row
    )
