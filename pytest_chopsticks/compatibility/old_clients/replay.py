"""Runs the statements of old clients on the database as it is, and undoes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import psycopg

from pytest_chopsticks.compatibility.contents.attempts import Attempt, attempt_all, pin_settings
from pytest_chopsticks.compatibility.old_clients.old_statement import OldStatement
from pytest_chopsticks.compatibility.old_clients.outcomes import Outcomes, Span, outcome

_DEFAULTS = """
SELECT c.relname::text, a.attname::text, pg_get_expr(d.adbin, d.adrelid)
FROM pg_attrdef AS d
JOIN pg_class AS c ON c.oid = d.adrelid
JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE c.relname = ANY(%s) AND pg_table_is_visible(c.oid) AND a.attgenerated = ''"""


def replay(connection: psycopg.Connection[Any], statements: Iterable[OldStatement]) -> Outcomes:
    """Run the statements as the connection's role, each in a subtransaction that is undone.

    The caller's search_path applies. Only the positions of sequences are afterwards other than
    they were. Three round trips, and one more for every 500 statements, in a savepoint that is
    rolled back, or in a transaction where there is none.
    """
    statements = tuple(statements)
    with connection.transaction(force_rollback=True):
        pin_settings(connection)
        start = _times(connection)[0]
        answers = attempt_all(connection, map(attempt_of, statements))
        defaults = _defaults(connection, {statement.table for statement in statements})
        span = Span(start, _times(connection)[1])
    return Outcomes(
        tuple(outcome(s, answer, span) for s, answer in zip(statements, answers, strict=True)),
        defaults,
    )


def attempt_of(statement: OldStatement) -> Attempt:
    """The statement with its preparations, and a look at what it wrote; all of it is undone."""
    return Attempt(
        statement.text,
        statement.returns,
        statement.preparations,
        statement.if_possible,
        statement.visible,
    )


def _times(connection: psycopg.Connection[Any]) -> tuple[Any, ...]:
    """When the transaction began, which is what `now()` is, and the time."""
    with psycopg.Cursor(connection) as cursor:
        row = cursor.execute("SELECT now(), clock_timestamp()").fetchone()
    assert row is not None
    return tuple(row)


def _defaults(
    connection: psycopg.Connection[Any], tables: Collection[str]
) -> dict[tuple[str, str], str]:
    with psycopg.Cursor(connection) as cursor:
        rows = cursor.execute(_DEFAULTS, [list(tables)]).fetchall()
    return {(table, column): default for table, column, default in rows}
