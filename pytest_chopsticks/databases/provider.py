"""Makes databases on a running server: empty ones, templates, clones of a template."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.databases.abandoned import mark_database, mark_kept, mark_role
from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.databases.dropping import drop_database
from pytest_chopsticks.databases.file_copying import copy_strategy
from pytest_chopsticks.databases.lasting_templates import lasting_name
from pytest_chopsticks.databases.maintenance_session import MaintenanceSession
from pytest_chopsticks.databases.prepared_transactions import roll_back_prepared
from pytest_chopsticks.databases.role import (
    Role,
    ensure_role,
    read_password,
    restore_role,
)
from pytest_chopsticks.databases.schema_sources import SchemaSource
from pytest_chopsticks.databases.sessions import Session, read_sessions, wait_for_farewells
from pytest_chopsticks.errors import DatabaseUnavailable
from pytest_chopsticks.servers.server import Server


@dataclass(frozen=True, slots=True)
class Template:
    """A database that nobody may connect to any more, from which others are copied."""

    name: str
    fingerprint: str


#: The server's own template of an empty database.
EMPTY = Template("template0", "")


class DatabaseProvider(AbstractContextManager["DatabaseProvider"]):
    """Makes and drops the databases of one process of a run.

    `run` distinguishes this run from others on the same server, `process` this process from the
    others of its run; templates are shared within a run.
    """

    def __init__(self, server: Server, role: Role, *, run: str, process: str = "main") -> None:
        self.server = server
        self.role = role
        self._run = run
        self._prefix = f"chopsticks_{run}"
        self._process = process
        self._numbers = itertools.count(1)
        self._session = MaintenanceSession(server)
        self._password: str | None = None

    def __enter__(self) -> DatabaseProvider:
        connection = self._session.connection()
        if self.server.superuser:
            with self._locked(connection, "role"), connection.transaction():
                ensure_role(connection, self.role)
                if self.server.kept:
                    connection.execute(mark_role(self.role.name, self._run))
            self._password = read_password(connection, self.role)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session.close()

    def restore_role(self) -> None:
        """Undo what a test changed of the role that owns the databases."""
        if self.server.superuser:
            password = self._password
            self._session.ask(lambda connection: restore_role(connection, self.role, password))

    def empty(self) -> AbstractContextManager[Database]:
        """Lend an empty database; it is dropped afterwards, open connections or not."""
        return self.clone(EMPTY)

    @contextmanager
    def clone(self, template: Template) -> Iterator[Database]:
        """Lend a copy of a template; it is dropped afterwards, open connections or not."""
        database = self.create(template.name)
        try:
            yield database
        finally:
            self.drop(database)

    def create(self, template: str) -> Database:
        """Copy a database, such as a template; it stays until it is dropped or the run ends."""
        return self._create(f"{self._prefix}_{self._process}_{next(self._numbers)}", template)

    def left_sessions(self, database: Database) -> tuple[Session, ...]:
        """The sessions that are still there a moment after they should have ended.

        None where a pooler keeps them anyway.
        """
        if self.server.pooled:
            return ()
        return wait_for_farewells(
            lambda: self._session.ask(
                lambda connection: read_sessions(connection, database.name, [])
            )
        )

    def roll_back_prepared(self, database: Database) -> None:
        """Roll back the transactions that were prepared and left, whose names others may want."""
        self._session.ask(lambda connection: roll_back_prepared(connection, database.name))

    def keep(self, database: Database) -> None:
        """Let a database stay when the run ends, if the server does."""
        if self.server.kept:
            self._session.connection().execute(mark_kept(database.name, self._run))

    def drop(self, database: Database) -> None:
        """Drop a database, open connections or not."""
        self._drop(database.name)

    def template(self, source: SchemaSource) -> Template:
        """Return the run's template for a source, building it if no process of the run has yet.

        Only a finished template is marked as one, so that a half-built one is never used.
        """
        fingerprint = source.fingerprint
        name = self._template_name(source, fingerprint)
        connection = self._session.connection()
        with self._locked(connection, name):
            if not _is_template(connection, name):
                self._build_template(connection, name, source)
        return Template(name, fingerprint)

    def _template_name(self, source: SchemaSource, fingerprint: str) -> str:
        if getattr(source, "lasting", False) and not self.server.kept:
            return lasting_name(fingerprint)
        return f"{self._prefix}_template_{fingerprint[:16]}"

    def _build_template(
        self, connection: psycopg.Connection[Any], name: str, source: SchemaSource
    ) -> None:
        self._drop(name)
        source.build(self._create(name, "template0"))
        roll_back_prepared(connection, name)
        statement = "ALTER DATABASE {} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
        # Copying needs a database without sessions, and a command may have left some.
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )

    def _create(self, name: str, template: str) -> Database:
        create = "CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}"
        statement = sql.SQL(create + copy_strategy(self.server))
        try:
            self._session.connection().execute(
                statement.format(
                    name=sql.Identifier(name),
                    owner=sql.Identifier(self.role.name),
                    template=sql.Identifier(template),
                )
            )
        except psycopg.Error as error:
            raise DatabaseUnavailable(
                f"cannot create database {name} on {self.server}: {error}",
                hint="look for a full disk or a connection left open to the template",
            ) from error
        if self.server.kept:
            self._session.connection().execute(mark_database(name, self._run))
        return Database(name, self.server, self.role)

    def _drop(self, name: str) -> None:
        drop_database(self._session.connection(), name)

    @contextmanager
    def _locked(self, connection: psycopg.Connection[Any], name: str) -> Iterator[None]:
        key = f"{self._prefix}:{name}"
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        try:
            yield
        finally:
            connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def _is_template(connection: psycopg.Connection[Any], name: str) -> bool:
    found = connection.execute("SELECT datistemplate FROM pg_database WHERE datname = %s", [name])
    return bool((found.fetchone() or [False])[0])
