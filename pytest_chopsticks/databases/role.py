"""The ordinary role that owns every database an implementation or a test gets."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.servers.server import Server

#: The owner's name on a server that goes with the run.
OWNER = "chopsticks_app"


@dataclass(frozen=True, slots=True)
class Role:
    """A login role without superuser rights, as on a hosted Postgres."""

    name: str
    password: str = field(repr=False)


def role_for(server: Server, run: str) -> Role:
    """Return the role that owns a run's databases.

    Its own where the server outlives the run, and the suite's where that may not create roles. It
    has a password where anybody asks for one: making it takes the server milliseconds.
    """
    if not server.superuser:
        return Role(server.user, server.password)
    name = f"{OWNER}_{run}" if server.kept else OWNER
    asked_for = server.tcp or not server.trusting
    return Role(name, secrets.token_urlsafe(18) if asked_for else "")


@dataclass(frozen=True, slots=True)
class RoleState:
    """What a role may change of itself: the stored form of its password, and its settings."""

    password: str | None = field(repr=False)
    settings: tuple[str, ...]


def read_state(connection: psycopg.Connection[Any], role: Role) -> RoleState:
    """Read a role's state; only a superuser may."""
    row = connection.execute(
        """
        SELECT rolpassword, coalesce((SELECT setconfig FROM pg_db_role_setting
                                      WHERE setrole = r.oid AND setdatabase = 0), '{}')
        FROM pg_authid r WHERE rolname = %s
        """,
        [role.name],
    ).fetchone()
    assert row is not None
    return RoleState(row[0], tuple(row[1]))


def restore_state(connection: psycopg.Connection[Any], role: Role, state: RoleState) -> None:
    """Undo what a test changed of the role; a role in that state is not touched."""
    now = read_state(connection, role)
    name = sql.Identifier(role.name)
    if now.settings != state.settings:
        connection.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(name))
        for setting in state.settings:
            parameter, _, value = setting.partition("=")
            statement = sql.SQL("ALTER ROLE {} SET {} TO {}")
            parts = name, sql.Identifier(parameter), sql.Literal(value)
            connection.execute(statement.format(*parts))
    if now.password != state.password:
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        connection.execute(statement.format(name, sql.Literal(state.password)))


def ensure_role(connection: psycopg.Connection[Any], role: Role) -> None:
    """Have the role with its password, unless another process of the run has seen to it.

    The caller holds a lock against them. In a saved state the role is without a password.
    """
    query = "SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = %s"
    found = connection.execute(query, [role.name]).fetchone()
    if found is None or (role.password and not found[0]):
        statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}")
        act = sql.SQL("ALTER" if found else "CREATE")
        parts = act, sql.Identifier(role.name), sql.Literal(role.password or None)
        connection.execute(statement.format(*parts))


def reset_role(connection: psycopg.Connection[Any]) -> None:
    """Bring the owner into the state of a new role without a password, for a later run."""
    name = sql.Identifier(OWNER)
    plain = (
        "ALTER ROLE {} NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT NOREPLICATION NOBYPASSRLS"
        " CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD NULL"
    )
    connection.execute(sql.SQL(plain).format(name))
    connection.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(name))
