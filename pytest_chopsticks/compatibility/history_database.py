"""The database in which a history of migrations is judged, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog import Snapshot
from pytest_chopsticks.catalog.known_tables import KnownTables
from pytest_chopsticks.compatibility.contents.check_search import Solutions
from pytest_chopsticks.compatibility.routines import routines_of
from pytest_chopsticks.compatibility.schema_snapshot import snapshot_or_empty
from pytest_chopsticks.compatibility.watching import install_ddl_events

if TYPE_CHECKING:
    from pytest_chopsticks.databases import Database

_WITH_ROWS = ("ordinary", "partitioned")

#: A usable index is used, however few rows there are: what is then read as a whole, has none.
_SESSION = "SET enable_seqscan = off; SET enable_indexonlyscan = off"


class HistoryDatabase:
    """One connection of the owner, always between two transactions, and the schema as it is.

    `ddl_events` says whether the server let us install event triggers, which takes a superuser.
    `known` are the tables that snapshots have in common, `solved` the values that satisfy checks;
    `mentions` counts the migrations that rows were added for.
    """

    def __init__(self, database: Database, schema: str, known: KnownTables | None = None) -> None:
        self.database = database
        self.known = known or KnownTables()
        self.solved: Solutions = {}
        self.mentions = 0
        self.connection: psycopg.Connection[Any] = database.connect()
        self.ddl_events = self._install_ddl_events()
        self.restore_session()
        self.snapshot = Snapshot(schema, {}, {}, {}, {}, ())
        self.routines: frozenset[str] = frozenset()
        self.look_again()

    @property
    def schema(self) -> str:
        return self.snapshot.schema

    def look_again(self, snapshot: Snapshot | None = None) -> None:
        """Remember what is committed; its snapshot need not be taken where it is known."""
        self.snapshot = snapshot or snapshot_or_empty(self.connection, self.schema, self.known)
        self.routines = routines_of(self.connection, self.schema)
        self.connection.rollback()

    @contextmanager
    def rolled_back(self) -> Iterator[psycopg.Connection[Any]]:
        """A transaction of which nothing stays."""
        try:
            yield self.connection
        finally:
            self.end_transaction()

    def end_transaction(self) -> None:
        """Roll back what is open, and undo what a migration set for its session."""
        if not self.connection.closed:
            self.connection.rollback()
        self.restore_session()
        self.connection.autocommit = False

    def empty_tables(self) -> list[str]:
        """The tables that hold no row."""
        names = [t.name for t in self.snapshot.tables.values() if t.kind in _WITH_ROWS]
        if not names:
            return []
        looks = (
            sql.SQL("SELECT {} WHERE NOT EXISTS (SELECT FROM {})").format(
                sql.Literal(name), sql.Identifier(self.schema, name)
            )
            for name in names
        )
        try:
            found = self.connection.execute(sql.SQL(" UNION ALL ").join(looks), prepare=False)
            return [name for (name,) in found]
        finally:
            self.connection.rollback()

    def analyze(self, tables: Iterable[str]) -> None:
        """Let the catalog know how many rows there are."""
        for table in tables:
            name = sql.Identifier(self.schema, table)
            self.connection.execute(sql.SQL("ANALYZE {}").format(name))

    def reconnect(self) -> None:
        """A new backend: the old one's counters of scans go on over several transactions."""
        self.connection.close()
        self.restore_session()

    def restore_session(self) -> None:
        """Undo what a migration set for its session."""
        if self.connection.closed:
            self.connection = self.database.connect()
        autocommit, self.connection.autocommit = self.connection.autocommit, True
        self.connection.execute("DISCARD ALL")
        self.connection.execute(_SESSION)
        self.connection.autocommit = autocommit

    def close(self) -> None:
        self.connection.close()

    def _install_ddl_events(self) -> bool:
        try:
            with self.database.observe(autocommit=True) as observer:
                install_ddl_events(observer)
        except psycopg.errors.DuplicateSchema:
            return True
        except psycopg.Error:
            return False
        return True


def as_old_client(connection: psycopg.Connection[Any], schema: str) -> None:
    """Within a migration's transaction: the session settings that another client would have."""
    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    connection.execute("RESET SESSION AUTHORIZATION")
    connection.execute("RESET ALL")
    connection.execute(
        sql.SQL("SET LOCAL search_path TO {}, public").format(sql.Identifier(schema))
    )
