"""Makes a used database pristine again, or says why that cannot be proved.

A test leaves rows, sequence positions, sessions and settings: they are put right. Whatever else it
may leave, from a new function to a large object, is written to the catalog; then the database is
not repaired but given up.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from operator import ne
from typing import Any

import psycopg
from psycopg import pq, sql

from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.databases.direct_queries import PreparedStatements
from pytest_chopsticks.databases.prepared_transactions import roll_back_prepared
from pytest_chopsticks.databases.sessions import FAREWELL, Session
from pytest_chopsticks.databases.template_facts import SequenceFacts, TableFacts, TemplateFacts
from pytest_chopsticks.databases.traces import FLUSH, TraceReader, Traces

#: Milliseconds to wait for a lock: only a session that was left open can hold one.
LOCK_LIMIT = 200

#: Written rows of one table after which the space of the dead ones is given back.
VACUUM_AFTER = 1_000


# Triggers, rules and foreign keys must not hinder putting back.
_SETTINGS = f"""
SET session_replication_role = replica; SET synchronous_commit = off;
SET lock_timeout = {LOCK_LIMIT}
""".encode()


def watch(database: Database) -> psycopg.Connection[Any]:
    """A session of the suite's own role, through which a database is watched."""
    return database.observe(autocommit=True, application_name="pytest-chopsticks")


@dataclass(frozen=True, slots=True)
class Recycled:
    """Whether the database is pristine again, why not, and which sessions had been left open."""

    obstacle: str | None
    left_sessions: tuple[Session, ...]

    @property
    def pristine(self) -> bool:
        return self.obstacle is None


class Recycler:
    """Watches over one clone through a session of `watch`, which it closes in the end.

    Made on a pristine database; `recycle()` brings it back to that state.
    """

    def __init__(self, session: psycopg.Connection[Any], facts: TemplateFacts) -> None:
        self._facts = facts
        self._connection = session
        self._connection.execute(_SETTINGS)
        self._statements = PreparedStatements(self._connection.pgconn)
        self._reader = TraceReader(self._connection, self._statements, facts)
        self._shared = self._reader.read_shared()
        self._own = [self._connection.pgconn.backend_pid]
        self._pristine = self._wait_for_farewells()
        self._dead = [0] * len(facts.tables)

    def close(self) -> None:
        self._connection.close()

    def recycle(self, own: Sequence[pq.abc.PGconn] = ()) -> Recycled:
        """Make the database pristine again; `own` are open sessions that stay, already reset."""
        left: tuple[Session, ...] = ()
        try:
            self._own[1:] = [session.backend_pid for session in own]
            now = self._wait_for_farewells()
            if left := now.sessions:
                now = self._end(left)
            if now.prepared:
                now = self._roll_back_prepared()
            obstacle = self._obstacle(now)
            if obstacle is None:
                self._put_back(now)
        except psycopg.Error as error:
            obstacle = f"{type(error).__name__}: {error}"
        return Recycled(obstacle, left)

    def _wait_for_farewells(self) -> Traces:
        deadline = time.monotonic() + FAREWELL
        while (now := self._reader.read(self._own)).sessions and time.monotonic() < deadline:
            time.sleep(0.001)
        return now

    def _end(self, sessions: Sequence[Session]) -> Traces:
        pids = [session.pid for session in sessions]
        self._connection.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s) pid", [pids])
        return self._wait_for_farewells()

    def _roll_back_prepared(self) -> Traces:
        roll_back_prepared(self._connection, self._connection.info.dbname)
        self._run([])
        return self._wait_for_farewells()

    def _obstacle(self, now: Traces) -> str | None:
        if now.sessions:
            return f"{now.sessions[0]} does not end"
        if now.catalog != self._pristine.catalog:
            return "the catalog was written to"
        if now.shared != self._pristine.shared:
            if self._reader.read_shared() != self._shared:
                return "settings or properties of the database or its role were changed"
            self._pristine = replace(self._pristine, shared=now.shared)
        if any(table.rows is None for table in self._written(now)):
            return "a table with many rows in the template was written to"
        return None

    def _put_back(self, now: Traces) -> None:
        """Delete and copy the rows of the written tables, and set the moved sequences."""
        written = self._written(now)
        statements = [
            *(table.empty for table in written),
            *(sequence.restore for sequence in self._moved(now)),
        ]
        if statements:
            deleted = self._run(statements)
            copied = [self._copy(table) for table in written]
            if any(copied):
                self._run([])
            self._vacuum(now)
            self._expect(now, [sum(pair) for pair in zip(deleted, copied, strict=False)])

    def _run(self, statements: Sequence[bytes]) -> list[int]:
        """Run statements in one round trip; return how many rows each concerned."""
        if self._reader.counts:
            statements = [*statements, FLUSH]
        return self._statements.run(statements)

    def _copy(self, table: TableFacts) -> int:
        if not table.rows:
            return 0
        query = sql.SQL("COPY {} {} FROM STDIN").format(table.name, table.columns)
        with self._connection.cursor() as cursor:
            with cursor.copy(query) as copy:
                copy.write(table.rows)
            return cursor.rowcount

    def _vacuum(self, now: Traces) -> None:
        """Give back the space of dead rows now and then, or every scan would get slower."""
        for index, (before, after) in enumerate(
            zip(self._pristine.tables, now.tables, strict=True)
        ):
            if before == after:
                continue
            self._dead[index] += 2 * self._reader.rows_between(before, after)
            if self._dead[index] >= VACUUM_AFTER:
                table = list(self._facts.tables.values())[index]
                self._connection.execute(sql.SQL("VACUUM {}").format(table.name))
                self._dead[index] = 0

    def _expect(self, now: Traces, changes: Sequence[int]) -> None:
        """Let the versions be those after putting back: what was written here is no trace."""
        if not self._reader.counts:
            self._pristine = self._reader.read(self._own)
            return
        written = iter(changes)
        self._pristine = replace(
            self._pristine,
            tables=tuple(
                after if before == after else after + next(written)
                for before, after in zip(self._pristine.tables, now.tables, strict=True)
            ),
        )

    def _written(self, now: Traces) -> list[TableFacts]:
        different = map(ne, self._pristine.tables, now.tables)
        return list(compress(self._facts.tables.values(), different))

    def _moved(self, now: Traces) -> list[SequenceFacts]:
        different = map(ne, self._pristine.sequences, now.sequences)
        return list(compress(self._facts.sequences, different))
