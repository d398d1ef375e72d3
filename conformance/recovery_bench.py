"""What every test of recovery works with: a server that may crash, and migrated databases on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog import Snapshot, differences, take_snapshot
from pytest_chopsticks.databases import Database, DatabaseProvider, Role
from pytest_chopsticks.implementations import Implementation, Target
from pytest_chopsticks.implementations.baseline import lay_baseline
from pytest_chopsticks.servers import Server
from pytest_chopsticks.servers.durable import DurableServer
from pytest_chopsticks.violation import Violation

from .agent_registration import make_pools
from .canonical_schema import TABLES
from .schema_location import search_path


@dataclass(frozen=True, slots=True)
class State:
    """The structure of a database, and what the tables of the document hold.

    An implementation may keep more in others, such as a cache that a crash may empty.
    """

    snapshot: Snapshot
    contents: Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class RecoveryBench:
    """The implementation and its target; the server, the role and the schema of its databases."""

    implementation: Implementation
    target: Target
    durable: DurableServer
    role: Role
    schema: str

    @property
    def claims(self) -> frozenset[str]:
        return self.implementation.claims

    def empty(self, name: str) -> Database:
        """A new database, which goes with the server."""
        server = self.durable.server
        with DatabaseProvider(server, self.role, run="recovery", process=name) as provider:
            return provider.create("template0")

    def migrated(self, name: str) -> Database:
        """The same, migrated."""
        database = self.empty(name)
        lay_baseline(self.target, database)
        self.implementation.migrate(database).expect_accepted("migrate an empty database")
        return database

    def with_pools(self, database: Database) -> Database:
        """The same database with the pools that agents are put into."""
        with self.observe(database) as connection:
            make_pools(connection)
        return database

    def crashed(self, database: Database) -> Database:
        """Kill the server and start it again: the same database, where it is now."""
        self.durable.crash()
        self.durable.start()
        return on(self.durable.server, database)

    def observe(self, database: Database) -> psycopg.Connection[Any]:
        """Connect as the suite, with the tables in the search_path."""
        connection = database.observe(autocommit=True)
        connection.execute(search_path(self.schema))
        return connection

    def state_of(self, database: Database) -> State:
        with self.observe(database) as connection:
            snapshot = take_snapshot(connection, self.schema)
            there = [table.name for table in TABLES if table.name in snapshot.tables]
            return State(snapshot, {name: _digest(connection, name) for name in there})


def on(server: Server, database: Database) -> Database:
    """The database of the same name on another server, or after another start."""
    return replace(database, server=server)


def expect_same_state(before: State, after: State, what: str) -> None:
    """Raise a violation that names what of `what` is not as it was."""
    changes: Sequence[str] = list(map(str, differences(before.snapshot, after.snapshot)))
    there = before.contents.keys() & after.contents.keys()
    if tables := sorted(name for name in there if before.contents[name] != after.contents[name]):
        changes = [*changes, f"the rows of {', '.join(tables)} are not what they were"]
    if changes:
        raise Violation(
            expected=f"{what} has the same schema and the same rows",
            actual="".join(f"\n  {change}" for change in changes),
        )


def _digest(connection: psycopg.Connection[Any], table: str) -> tuple[Any, ...]:
    query = sql.SQL("SELECT count(*), sum(hashtextextended(row_of::text, 0)) FROM {} AS row_of")
    return tuple(connection.execute(query.format(sql.Identifier(table))).fetchone() or ())
