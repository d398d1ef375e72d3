"""The statements that the user's application sends, read from its SQL files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg.pq import ExecStatus

from pytest_chopsticks.catalog.structure import Snapshot
from pytest_chopsticks.compatibility.contents.attempts import Pairs, pin_settings
from pytest_chopsticks.compatibility.contents.row_plans import plan_rows
from pytest_chopsticks.compatibility.contents.secret_columns import is_secret
from pytest_chopsticks.compatibility.old_clients import statement_shapes as shapes
from pytest_chopsticks.compatibility.old_clients.drawn_values import (
    as_array,
    existing_rows,
    usual_value,
)
from pytest_chopsticks.compatibility.old_clients.old_rows import (
    OldRows,
    Row,
    literal,
    literals,
    old_rows,
    text_of,
)
from pytest_chopsticks.compatibility.old_clients.old_statement import OldStatement
from pytest_chopsticks.compatibility.old_clients.outcomes import Outcome
from pytest_chopsticks.compatibility.old_clients.placeholder_columns import (
    inserted_table,
    placeholder_columns,
)
from pytest_chopsticks.compatibility.old_clients.replay import replay
from pytest_chopsticks.compatibility.old_clients.sql_file import WrittenStatement, read_statements

_PLACEHOLDER = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\d+)")
_WORD = re.compile(r"\w+")
#: What violates a constraint is what an application may rely on being refused.
_INTEGRITY = "23"
_TYPES = "SELECT oid::integer, typname::text, typcategory::text FROM pg_type WHERE oid = ANY(%s)"


@dataclass(frozen=True, slots=True)
class NotRun:
    """A statement, or a file, that says nothing about compatibility, and why."""

    file: Path
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: not analysed: {self.reason}"


@dataclass(frozen=True, slots=True)
class UserStatements:
    """What can be replayed, and what cannot."""

    statements: tuple[OldStatement, ...]
    not_run: tuple[NotRun, ...]


def user_statements(
    connection: psycopg.Connection[Any], snapshot: Snapshot, root: Path, pattern: str
) -> UserStatements:
    """Read the files below `root` that match, and give their placeholders values.

    The values of a SELECT, UPDATE or DELETE are those of a row that is there, found by the column
    that a placeholder is compared with or by its name; those of an INSERT are a new row's; the
    server says of which type they are. Statements that the schema at hand refuses are not run, but
    for those that violate a constraint: that they are refused may be what is relied on. Runs in a
    savepoint that is rolled back.
    """
    written, not_run = _read(root, pattern)
    plans = plan_rows(connection, snapshot)
    with connection.transaction(force_rollback=True):
        pin_settings(connection)
        known = _Known(
            snapshot,
            old_rows(connection, snapshot.schema, plans),
            existing_rows(connection, snapshot, list(plans)),
        )
        made = [_made(connection, known, one) for one in written]
    statements = [one for one in made if isinstance(one, OldStatement)]
    not_run += [one for one in made if isinstance(one, NotRun)]
    kept, refused = _tried(connection, statements)
    return UserStatements(tuple(kept), (*not_run, *refused))


@dataclass(frozen=True, slots=True)
class _Known:
    """The schema, the rows that inserts may add, and a row of each table."""

    snapshot: Snapshot
    rows: OldRows
    there: Mapping[str, Row]

    def new_row(self, table: str | None) -> Row:
        """The row that an insert into the table adds."""
        return self.rows.row(table, 2) if table in self.rows.rows and table else {}

    def parents(self, table: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.rows.parents(table, 2) if table in self.rows.rows and table else ((), ())


def _read(root: Path, pattern: str) -> tuple[list[WrittenStatement], list[NotRun]]:
    written: list[WrittenStatement] = []
    not_run: list[NotRun] = []
    for file in sorted(root.glob(pattern)):
        try:
            found = list(read_statements(file))
        except (OSError, UnicodeDecodeError) as error:
            not_run.append(NotRun(file.relative_to(root), None, str(error)))
        else:
            written += (replace(one, file=file.relative_to(root)) for one in found)
    return written, not_run


def _made(
    connection: psycopg.Connection[Any], known: _Known, written: WrittenStatement
) -> OldStatement | NotRun:
    """The statement with values; `?` is an operator where it makes no sense as a placeholder."""
    try:
        return _with_values(connection, known, written, _described(connection, written.text))
    except psycopg.Error as error:
        if "?" in written.plain and "$" not in written.plain:
            plain = replace(written, text=written.plain, names=())
            try:
                described = _described(connection, plain.text)
                return _with_values(connection, known, plain, described)
            except psycopg.Error:
                pass
        return NotRun(written.file, written.line, f"{error.sqlstate}: {_primary(error)}")


@dataclass(frozen=True, slots=True)
class _Described:
    """What the server says of a statement: its parameters' types, and whether it gives rows."""

    types: tuple[int, ...]
    returns: bool


def _described(connection: psycopg.Connection[Any], text: str) -> _Described:
    """Prepare the statement without running it; raises psycopg's error where that fails."""
    with connection.transaction(force_rollback=True):
        prepared = connection.pgconn.prepare(b"", text.encode())
        if prepared.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(prepared)
        result = connection.pgconn.describe_prepared(b"")
        types = tuple(result.param_type(place) for place in range(result.nparams))
        return _Described(types, result.nfields > 0)


def _with_values(
    connection: psycopg.Connection[Any],
    known: _Known,
    written: WrittenStatement,
    described: _Described,
) -> OldStatement:
    table = inserted_table(written.text)
    tables = _mentioned(written.text, known.snapshot)
    columns = placeholder_columns(written.text, [*written.names][: len(described.types)])
    columns += [None] * (len(described.types) - len(columns))
    types = _types(connection, described.types)
    values = [
        _value(known, table, tables, column, *types.get(oid, ("", "")))
        for column, oid in zip(columns, described.types, strict=True)
    ]
    secrets = (v for v, c in zip(values, columns, strict=True) if v and c and is_secret(c))
    needed, natural = known.parents(table)
    return OldStatement(
        table or (tables[0] if tables else ""),
        "query",
        written.title,
        _filled(written.text, values),
        described.returns,
        if_possible=(*needed, *natural),
        visible=_visible(known, table, columns),
        secrets=tuple(secrets),
        file=written.file,
        line=written.line,
    )


def _mentioned(text: str, snapshot: Snapshot) -> list[str]:
    """The tables that a statement names, in its order."""
    return [word for word in dict.fromkeys(_WORD.findall(text)) if word in snapshot.tables]


def _types(connection: psycopg.Connection[Any], oids: Sequence[int]) -> dict[int, tuple[str, str]]:
    with psycopg.Cursor(connection) as cursor:
        rows = cursor.execute(_TYPES, [list(oids)]).fetchall() if oids else []
    return {oid: (name, category) for oid, name, category in rows}


def _value(
    known: _Known,
    table: str | None,
    tables: Sequence[str],
    column: str | None,
    type_name: str,
    category: str,
) -> str | None:
    """A new row's value for an insert, else one that is there, else any of the type."""
    rows = [known.new_row(table), *(known.there.get(name, {}) for name in tables)]
    found = (row[column] for row in rows if column is not None and row.get(column) is not None)
    if (value := next(found, None)) is not None:
        return as_array(value, category)
    return usual_value(type_name, category)


def _filled(text: str, values: Sequence[str | None]) -> str:
    """Constants in place of the placeholders, untyped like the parameters were."""

    def constant(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        return f" {text_of(literal(values[int(found[1]) - 1]))} "

    return _PLACEHOLDER.sub(constant, text)


def _visible(known: _Known, table: str | None, columns: Iterable[str | None]) -> str | None:
    """The row that an insert added, where the placeholders gave its whole key."""
    if table is None or table not in known.rows.rows:
        return None
    key = known.rows.key(table, known.rows.row(table, 2))
    if not key or not set(key) <= set(columns):
        return None
    shown = shapes.names(known.snapshot.tables[table].columns)
    return text_of(shapes.select(known.rows.identifier(table), shown, shapes.equal(literals(key))))


def _tried(
    connection: psycopg.Connection[Any], statements: Sequence[OldStatement]
) -> tuple[list[OldStatement], list[NotRun]]:
    """Run everything twice: what differs then, differs without any migration."""
    once, again = (replay(connection, statements).outcomes for _ in range(2))
    kept: list[OldStatement] = []
    refused: list[NotRun] = []
    for first, second in zip(once, again, strict=True):
        statement = first.statement
        if first.sqlstate is not None and not first.sqlstate.startswith(_INTEGRITY):
            assert statement.file is not None
            reason = f"{first.sqlstate}: {first.message}"
            refused.append(NotRun(statement.file, statement.line, reason))
        else:
            kept.append(replace(statement, varying=frozenset(_varying(first, second))))
    return kept, refused


def _varying(first: Outcome, second: Outcome) -> Iterator[str]:
    for rows, others in ((first.returned, second.returned), (first.visible, second.visible)):
        for row, other in zip(rows, others, strict=False):
            yield from _different(row, other)


def _different(row: Pairs, other: Pairs) -> Iterator[str]:
    for (name, value), (_, second) in zip(row, other, strict=False):
        if value != second:
            yield name


def _primary(error: psycopg.Error) -> str:
    return (error.diag.message_primary or str(error)).strip()
