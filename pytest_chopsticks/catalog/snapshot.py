"""Takes a snapshot of one schema in one round trip, leaving the session as it was."""

from __future__ import annotations

import base64
import json
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from pytest_chopsticks.catalog.assembly import assemble
from pytest_chopsticks.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.catalog.known_tables import KnownTables
    from pytest_chopsticks.catalog.structure import Snapshot

_QUERY = sql.SQL(files("pytest_chopsticks.catalog").joinpath("snapshot.sql").read_text("utf-8"))

# Everything that the deparsed texts depend on. JIT would cost more than the query.
_PINNED_SETTINGS = {
    "quote_all_identifiers": "off",
    "standard_conforming_strings": "on",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "lc_monetary": "C",
    "xmlbinary": "base64",
    "xmloption": "content",
    "jit": "off",
}


def take_snapshot(
    connection: psycopg.Connection[Any],
    schema: str | None = None,
    known: KnownTables | None = None,
) -> Snapshot:
    """The structure of `schema`, or of the connection's `current_schema()`, as it is now.

    One round trip. It sees the caller's own uncommitted changes. The transaction status, every
    setting and an idle connection's idleness are afterwards what they were; nothing is written.
    Objects that belong to extensions are left out. Equal structures give equal snapshots on
    PostgreSQL 13 to 18, whatever the order of creation, the oids and the session's settings.

    Deparsing takes ACCESS SHARE locks for a moment, so it waits for another session's ACCESS
    EXCLUSIVE lock; `lock_timeout` applies. Not for connections in pipeline mode.

    With `known`, tables that are as an earlier snapshot had them are the same objects.

    Raises `DatabaseUnavailable` when there is no such schema, and whatever psycopg raises.
    """
    document = read_document(connection, schema)
    if document["schema"] is None:
        raise _no_such_schema(connection, schema)
    return assemble(document, known)


def read_document(connection: psycopg.Connection[Any], schema: str | None) -> dict[str, Any]:
    """The round trip of `take_snapshot`: the JSON document that `snapshot.sql` describes."""
    in_transaction = connection.info.transaction_status != TransactionStatus.IDLE
    with _no_transaction_begun(connection, in_transaction), psycopg.Cursor(connection) as cursor:
        cursor.execute(_batch(schema, in_transaction))
        return _document(cursor)


@contextmanager
def _no_transaction_begun(
    connection: psycopg.Connection[Any], in_transaction: bool
) -> Iterator[None]:
    """Keeps psycopg from sending a BEGIN of its own on an idle connection."""
    if in_transaction or connection.autocommit:
        yield
        return
    connection.autocommit = True
    try:
        yield
    finally:
        connection.autocommit = False


def _batch(schema: str | None, in_transaction: bool) -> sql.Composed:
    """The statements of one simple query.

    Outside a transaction they run in an implicit one, at whose end local settings are undone.
    Inside one, rolling back to a savepoint undoes them.
    """
    statements: list[sql.Composable] = [_pin_settings(), _pin_search_path(schema), _QUERY]
    if in_transaction:
        statements = [
            sql.SQL("SAVEPOINT chopsticks_snapshot"),
            *statements,
            sql.SQL("ROLLBACK TO chopsticks_snapshot"),
            sql.SQL("RELEASE chopsticks_snapshot"),
        ]
    return sql.SQL(";\n").join(statements)


def _pin_settings() -> sql.Composed:
    calls = (
        sql.SQL("pg_catalog.set_config({}, {}, true)").format(sql.Literal(name), sql.Literal(value))
        for name, value in _PINNED_SETTINGS.items()
    )
    return sql.SQL("SELECT {}").format(sql.SQL(", ").join(calls))


def _pin_search_path(schema: str | None) -> sql.Composed:
    """A statement of its own: how `format` quotes the name is one of the pinned settings."""
    return sql.SQL(
        "SELECT pg_catalog.set_config('search_path', pg_catalog.format("
        "'%I, pg_temp', coalesce({}, pg_catalog.current_schema()::text, '')), true)"
    ).format(sql.Literal(schema))


def _document(cursor: psycopg.Cursor[Any]) -> dict[str, Any]:
    """The JSON document among the batch's results."""
    while cursor.pgresult is None or cursor.pgresult.fname(0) != b"document":
        cursor.nextset()
    encoded = cursor.pgresult.get_value(0, 0)
    assert encoded is not None
    document: dict[str, Any] = json.loads(base64.b64decode(encoded))
    return document


def _no_such_schema(connection: psycopg.Connection[Any], schema: str | None) -> DatabaseUnavailable:
    database = connection.info.dbname
    if schema is None:
        return DatabaseUnavailable(
            f"no schema of the search_path exists in database {database!r}",
            hint="create the schema first, or name another one",
        )
    return DatabaseUnavailable(
        f"database {database!r} has no schema {schema!r}",
        hint="create the schema first, or name another one",
    )
