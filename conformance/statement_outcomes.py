"""Runs statements the way an application does, and tells what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

import psycopg
from psycopg.rows import dict_row

from .canonical_rows import canonical_row, prerequisites
from .canonical_schema import TABLES, Table
from .canonical_statements import NOW, Statement, insert, visible_row

_BY_NAME = {table.name: table for table in TABLES}
_A_MINUTE = timedelta(minutes=1)

#: How many rows of each table this transaction has written so far, those of partitions with them.
#: A trigger may note in audit_log what is done, as an application would.
_WRITTEN = """
SELECT name, coalesce(sum(
  CASE name WHEN 'audit_log' THEN 0 ELSE pg_stat_get_xact_tuples_inserted(oid) END
  + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)
), 0)::bigint
FROM unnest(%s::text[]) AS name
LEFT JOIN LATERAL (
  SELECT to_regclass(name)::oid AS oid
  UNION SELECT relid::oid FROM pg_partition_tree(to_regclass(name))
) AS part ON true
GROUP BY name ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a statement did: refused with an SQLSTATE, or so many rows, and the row then visible.

    `elsewhere` are the other tables of the document in which it wrote something.
    """

    sqlstate: str | None
    message: str
    row_count: int
    returned: tuple[Any, ...]
    visible: tuple[Mapping[str, Any], ...]
    elsewhere: tuple[str, ...] = ()

    def same_as(self, other: Outcome) -> bool:
        """Whether an application could tell no difference; the text of a message is none."""
        return self._facts == other._facts

    @property
    def _facts(self) -> tuple[Any, ...]:
        return self.sqlstate, self.row_count, self.returned, self.visible, self.elsewhere

    def told_against(self, other: Outcome) -> str:
        """Say what this is, and of visible rows only what is not so in the other."""
        if self.sqlstate is not None:
            return f"refused with SQLSTATE {self.sqlstate} ({self.message})"
        rows = f"{self.row_count} row{'' if self.row_count == 1 else 's'}"
        if self.elsewhere != other.elsewhere:
            return f"{rows}, and writes to {', '.join(self.elsewhere) or 'no other table'}"
        if self.returned or other.returned:
            return f"{rows}: {self.returned}"
        visible = [_told(row, *there) for row, *there in zip_longest(self.visible, other.visible)]
        return f"{rows}, then visible: {'; '.join(visible) or 'nothing'}"


def _told(row: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> str:
    if row is None:
        return "no row"
    names = [name for name in row if other is None or row[name] != other[name]]
    return ", ".join(f"{name} = {row[name]!r}" for name in names)


def run_statements(
    connection: psycopg.Connection[Any],
    table: Table,
    statements: Sequence[Statement],
    *,
    ignoring: Collection[str] = (),
) -> list[Outcome]:
    """Run each statement by itself on a table that holds row number 1, and undo everything.

    What the columns in `ignoring` hold is left out of what is visible.
    """
    with connection.transaction(force_rollback=True):
        before = [_found_before(connection, statement) for statement in statements]
        try:
            _prepare(connection, table)
        except psycopg.Error as error:
            return [_refused(error)] * len(statements)
        return [
            found if found.sqlstate else _outcome(connection, table, statement, found, ignoring)
            for statement, found in zip(statements, before, strict=True)
        ]


def _found_before(connection: psycopg.Connection[Any], statement: Statement) -> Outcome:
    """What a statement that reads gets from the rows that an implementation begins with."""
    if not statement.reads:
        return Outcome(None, "", 0, (), ())
    try:
        with connection.transaction(force_rollback=True):
            return Outcome(None, "", *_execute(connection, statement), ())
    except psycopg.Error as error:
        return _refused(error)


def _outcome(
    connection: psycopg.Connection[Any],
    table: Table,
    statement: Statement,
    before: Outcome,
    ignoring: Collection[str],
) -> Outcome:
    try:
        with connection.transaction(force_rollback=True):
            if statement.besides is not None:
                connection.execute(statement.besides.query, statement.besides.parameters)
            written = _written(connection)
            row_count, returned = _execute(connection, statement, but_for=before.returned)
            visible = _visible(connection, table, statement, ignoring)
            _settle_constraints(connection)
            more = (name for name, count in _written(connection).items() if count > written[name])
            elsewhere = tuple(name for name in more if name != table.name)
            return Outcome(None, "", row_count, returned, visible, elsewhere)
    except psycopg.Error as error:
        return _refused(error)


def _refused(error: psycopg.Error) -> Outcome:
    message = (error.diag.message_primary or str(error)).strip()
    return Outcome(error.sqlstate or "none", message, 0, (), ())


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
    for other in TABLES:
        # What belongs to row number 1 shows what is done to it. An agent may hold its pool fast.
        if other.name != table.name and (table.name, other.name) != ("agent_pools", "agent_bots"):
            belonging = insert(other, canonical_row(other, 1))
            with suppress(psycopg.Error), connection.transaction():
                connection.execute(belonging.query, belonging.parameters)
                _settle_constraints(connection)


def _settle_constraints(connection: psycopg.Connection[Any]) -> None:
    """Let deferred constraints speak: an application would hear of them at COMMIT."""
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _written(connection: psycopg.Connection[Any]) -> Counter[str]:
    return Counter(dict(connection.execute(_WRITTEN, [list(_BY_NAME)]).fetchall()))


def _execute(
    connection: psycopg.Connection[Any], statement: Statement, *, but_for: Iterable[Any] = ()
) -> tuple[int, tuple[Any, ...]]:
    """Return how many rows were touched, and which came back, without those in `but_for`."""
    cursor = connection.execute(statement.query, statement.parameters)
    if cursor.description is None:
        return cursor.rowcount, ()
    returned = tuple((Counter(cursor.fetchall()) - Counter(but_for)).elements())
    return len(returned), returned


def _visible(
    connection: psycopg.Connection[Any],
    table: Table,
    statement: Statement,
    ignoring: Collection[str],
) -> tuple[Mapping[str, Any], ...]:
    if statement.key is None:
        return ()
    cursor = connection.cursor(row_factory=dict_row)
    rows = cursor.execute(*visible_row(table, statement.key, ignoring))
    # No order is asked for, and a partitioned table has another.
    return tuple(sorted(map(_comparable, rows), key=repr))


def _comparable(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Replace the time of the statement by a word: it differs from run to run."""
    now = row[NOW]
    return {
        name: "now" if _is_about(value, now) else value
        for name, value in row.items()
        if name != NOW
    }


def _is_about(value: Any, now: datetime) -> bool:
    """A time without a zone is never: where it is depends on who looks."""
    zoned = isinstance(value, datetime) and value.tzinfo is not None
    return zoned and abs(now - value) < _A_MINUTE
