"""The client that migrations get: every statement is seen before and after it runs."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol, TypeAlias

import psycopg
from psycopg.pq import TransactionStatus

from pytest_chopsticks.migrations.sql_parts import statements

Connection: TypeAlias = "psycopg.Connection[Any]"
Cursor: TypeAlias = "psycopg.Cursor[Any]"
Values: TypeAlias = Sequence[object] | Mapping[str, object] | None

_NUMBERED_PLACEHOLDER = re.compile(r"\$[1-9]")
_PERCENT = re.compile(r"%(?:%|(?:\(\w+\))?[sbt])")


@dataclass(frozen=True, slots=True)
class RecordedStatement:
    """One statement that a migration sent, and what came of it.

    `number` counts from 1, as does `call`, the number of the call of the client. `text` is as the
    migration wrote it, `start` its place in the text that came with it in one call, `parameters`
    how many values went along. `row_count` is None where the command has none; `error` is None
    where it succeeded.
    """

    number: int
    text: str
    start: int
    parameters: int
    row_count: int | None
    error: psycopg.Error | None
    duration_s: float
    call: int

    @property
    def numbered(self) -> str:
        """The text as the server is given it: with `$1` for `%s`."""
        if not self.parameters or _NUMBERED_PLACEHOLDER.search(self.text):
            return self.text
        numbers = count(1)
        return _PERCENT.sub(
            lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", self.text
        )


class StatementObserver(Protocol):
    """Called around every statement; may use the connection, whose transaction is the migration's.

    What it raises ends the migration, even one that catches everything: no statement runs after.
    """

    def before(self, text: str) -> None: ...

    def after(self, statement: RecordedStatement) -> None: ...


class RecordingClient:
    """Runs what a migration sends on `connection`, and keeps a record of each statement.

    It neither begins nor ends a transaction. Several statements in one text run, and are recorded,
    one by one; outside a transaction they are left together, because the server then makes them
    one transaction, unless `one_by_one` asks for what psql does.
    """

    def __init__(
        self,
        connection: Connection,
        observers: Sequence[StatementObserver] = (),
        *,
        one_by_one: bool = False,
    ) -> None:
        self.connection = connection
        self.records: list[RecordedStatement] = []
        self.stopped_by: Exception | None = None
        self._observers = tuple(observers)
        self._one_by_one = one_by_one
        self._calls = 0

    def execute(self, sql: str, params: Values = None) -> Cursor:
        """Run `sql`, with `%s` or `$1` for values; the cursor of its last statement."""
        numbered = isinstance(params, Sequence) and bool(_NUMBERED_PLACEHOLDER.search(sql))
        cursors = self._run(psycopg.RawCursor if numbered else psycopg.Cursor, sql, params)
        return cursors[-1]

    query = execute

    def run(self, sql: str, values: Sequence[object] = ()) -> list[Cursor]:
        """Run `sql`, with `$1` for values; the cursors of its statements, in order."""
        return self._run(psycopg.RawCursor, sql, values or None)

    def _run(self, kind: type[Cursor], sql: str, values: Values) -> list[Cursor]:
        self._calls += 1
        found = statements(sql)
        together = len(found) > 1 and not (self._in_transaction or self._one_by_one)
        if values is not None or not found or together:
            return [self._observed(kind, sql, 0, values)]
        return [self._observed(kind, sql[one.start : one.end], one.start, None) for one in found]

    @property
    def _in_transaction(self) -> bool:
        idle = self.connection.info.transaction_status == TransactionStatus.IDLE
        return not (self.connection.autocommit and idle)

    def _observed(self, kind: type[Cursor], sql: str, start: int, values: Values) -> Cursor:
        if self.stopped_by is not None:
            raise self.stopped_by
        cursor = kind(self.connection)
        self._tell("before", sql)
        began = time.perf_counter()
        error: psycopg.Error | None = None
        try:
            return cursor.execute(sql, values)
        except psycopg.Error as raised:
            error = raised
            raise
        finally:
            row_count = None if error or cursor.rowcount < 0 else cursor.rowcount
            elapsed = time.perf_counter() - began
            number = len(self.records) + 1
            record = RecordedStatement(
                number, sql, start, len(values or ()), row_count, error, elapsed, self._calls
            )
            self.records.append(record)
            self._tell("after", record)

    def _tell(self, moment: str, subject: str | RecordedStatement) -> None:
        for observer in self._observers:
            try:
                getattr(observer, moment)(subject)
            except Exception as error:
                self.stopped_by = error
                raise
