"""Results and errors of statements as JSON: values as the server's text, for JavaScript to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.pq import ExecStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg
    from psycopg.pq.abc import PGresult

    from pytest_chopsticks.migrations.recording_client import Cursor

# pg's names for what psycopg's Diagnostic has under others.
_ERROR_FIELDS = {
    "severity": "severity",
    "code": "sqlstate",
    "detail": "message_detail",
    "hint": "message_hint",
    "internalPosition": "internal_position",
    "internalQuery": "internal_query",
    "where": "context",
    "schema": "schema_name",
    "table": "table_name",
    "column": "column_name",
    "dataType": "datatype_name",
    "constraint": "constraint_name",
    "file": "source_file",
    "line": "source_line",
    "routine": "source_function",
}


def encoded_results(cursors: Iterable[Cursor]) -> list[dict[str, Any]]:
    """Each result with its command tag, its fields and its rows."""
    return [_encoded(result) for cursor in cursors for result in _results(cursor)]


def encoded_error(error: psycopg.Error, start: int) -> dict[str, Any]:
    """The error's fields; its position counts from the beginning of the text, `start` before."""
    fields = {name: getattr(error.diag, ours) for name, ours in _ERROR_FIELDS.items()}
    position = error.diag.statement_position
    return {
        "message": error.diag.message_primary or str(error),
        **{name: value for name, value in fields.items() if value is not None},
        **({"position": str(int(position) + start)} if position else {}),
    }


def _results(cursor: Cursor) -> Iterable[PGresult]:
    while True:
        if cursor.pgresult is not None:
            yield cursor.pgresult
        if not cursor.nextset():
            return


def _encoded(result: PGresult) -> dict[str, Any]:
    columns = range(result.nfields if result.status == ExecStatus.TUPLES_OK else 0)
    return {
        "tag": (result.command_status or b"").decode(),
        "fields": [_field(result, column) for column in columns],
        "rows": [
            [_text(result.get_value(row, column)) for column in columns]
            for row in range(result.ntuples)
        ],
    }


def _field(result: PGresult, column: int) -> dict[str, Any]:
    return {
        "name": (result.fname(column) or b"").decode(),
        "tableID": result.ftable(column),
        "columnID": result.ftablecol(column),
        "dataTypeID": result.ftype(column),
        "dataTypeSize": result.fsize(column),
        "dataTypeModifier": result.fmod(column),
    }


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
