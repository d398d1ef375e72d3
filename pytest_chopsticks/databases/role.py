"""The ordinary role that owns every database an implementation or a test gets."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from pytest_chopsticks.servers.server import Server


@dataclass(frozen=True, slots=True)
class Role:
    """A login role without superuser rights, as on a hosted Postgres."""

    name: str
    password: str = field(repr=False)


def role_for(server: Server, run: str) -> Role:
    """Return the role that owns a run's databases.

    Its own where the server outlives the run, and the suite's where that may not create roles.
    """
    if not server.superuser:
        return Role(server.user, server.password)
    name = f"chopsticks_app_{run}" if server.kept else "chopsticks_app"
    return Role(name, secrets.token_urlsafe(18))


def ensure_role(connection: psycopg.Connection[object], role: Role) -> None:
    """Create the role or set its password; the caller holds a lock against others doing so."""
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.name]).fetchone()
    statement = sql.SQL("{verb} ROLE {name} LOGIN NOSUPERUSER NOCREATEDB PASSWORD {password}")
    connection.execute(
        statement.format(
            verb=sql.SQL("ALTER" if found else "CREATE"),
            name=sql.Identifier(role.name),
            password=sql.Literal(role.password),
        )
    )
