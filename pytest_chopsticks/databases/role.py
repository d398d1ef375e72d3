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


def read_password(connection: psycopg.Connection[Any], role: Role) -> str | None:
    """The stored form of a role's password; only a superuser may read it."""
    query = "SELECT rolpassword FROM pg_authid WHERE rolname = %s"
    row = connection.execute(query, [role.name]).fetchone()
    assert row is not None
    password: str | None = row[0]
    return password


def restore_role(connection: psycopg.Connection[Any], role: Role, password: str | None) -> None:
    """Undo what a role may change of itself: its password, and settings, of which it had none."""
    name = sql.Identifier(role.name)
    query = "SELECT FROM pg_db_role_setting WHERE setrole = %s::regrole AND setdatabase = 0"
    if connection.execute(query, [name.as_string(connection)]).fetchone() is not None:
        connection.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(name))
    if read_password(connection, role) != password:
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        connection.execute(statement.format(name, sql.Literal(password)))


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
