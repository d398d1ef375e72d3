"""A server that somebody else runs, by its connection string: nothing of it is started or stopped.

Only databases of our own are made on it, and removed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers.origin import Unavailable
from pytest_chopsticks.servers.server import Endpoint, Server, ServerRequest

OLDEST = 130000

#: Seconds until an address that does not answer is given up.
PATIENCE = 10

#: Parameters of a connection that have a place of their own in `Server`, or told only where it is.
_OWN = {"host", "port", "user", "password", "dbname", "connect_timeout", "passfile", "service"}

#: Parameters that are filled in for who does not give them; an older libpq may not know them.
_FILLED_IN = {"hostaddr", "sslcertmode"}

_FACTS = """
SELECT rolsuper, rolcreatedb OR rolsuper, pg_is_in_recovery(), current_user,
       current_setting('server_version'), pg_backend_pid()
FROM pg_roles WHERE rolname = current_user
"""


class External:
    """The server that `--chopsticks-dsn` names."""

    name = "external"

    def find(self, request: ServerRequest) -> Reached | Unavailable:
        if not request.dsn:
            fix = "--chopsticks-dsn=postgresql://user:password@host/database"
            return Unavailable("no connection string is given", fix)
        return Reached(request.dsn)


@dataclass(frozen=True, slots=True)
class Reached:
    """A connection string, to be tried."""

    dsn: str
    identity: ClassVar[None] = None

    @contextmanager
    def start(self, request: ServerRequest) -> Iterator[Server]:
        del request
        with _connected(_checked(self.dsn)) as connection, _connected(self.dsn) as second:
            _expect_own_sessions(connection, second)
            server = _server(connection, leave_out=_OWN | (_FILLED_IN - _named(self.dsn)))
        yield server

    def __repr__(self) -> str:
        return "Reached(dsn=…)"


def _checked(dsn: str) -> str:
    """The same string; what libpq says of a wrong one could have the password in it."""
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError:
        parts = {"port": "not a number"}
    hosts, ports = (str(parts.get(name) or "").split(",") for name in ("host", "port"))
    if any("@" in host[1:] for host in hosts) or not all(map(_is_port, ports)):
        raise ServerUnavailable(
            "the connection string of --chopsticks-dsn cannot be understood",
            hint="write postgresql://user:password@host:5432/database, with special characters of"
            " the password percent-encoded, or host=… user=… password=… dbname=…",
        )
    return dsn


def _is_port(text: str) -> bool:
    return not text or text.isdecimal()


def _named(dsn: str) -> set[str]:
    return set(conninfo_to_dict(dsn))


def _connected(dsn: str) -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(make_conninfo(dsn, connect_timeout=PATIENCE), autocommit=True)
    except psycopg.Error as error:
        raise ServerUnavailable(
            f"the server of --chopsticks-dsn does not let us in: {str(error).strip()}",
            hint="try the same connection string with psql",
        ) from None


def _expect_own_sessions(*connections: psycopg.Connection[Any]) -> None:
    """Behind a pooler that shares sessions, locks and settings are not ours: it gives itself away.

    Two open connections then get the same session in turn, or one gets another than before.
    """
    rounds = [
        [connection.execute("SELECT pg_backend_pid()").fetchone() for connection in connections]
        for _ in range(2)
    ]
    if rounds[0] != rounds[1] or rounds[0][0] == rounds[0][1]:
        raise ServerUnavailable(
            "--chopsticks-dsn leads to a connection pooler that shares sessions among its clients",
            hint="name the server's own address and port, or a pool in session mode",
        )


def _server(connection: psycopg.Connection[Any], leave_out: set[str]) -> Server:
    facts = connection.execute(_FACTS).fetchone()
    assert facts is not None
    superuser, may_create, standby, user, version, process = facts
    info = connection.info
    _expect_usable(info.server_version, version, user, may_create=may_create, standby=standby)
    endpoint = Endpoint(info.host, info.port)
    parameters = info.get_parameters()
    return Server(
        origin=External.name,
        version=version.split()[0],
        version_num=info.server_version,
        detail=f"{endpoint.host}:{endpoint.port}",
        endpoint=endpoint,
        tcp=None if endpoint.is_socket else endpoint,
        user=user,
        password=info.password,
        maintenance_database=info.dbname,
        superuser=superuser,
        parameters=tuple(item for item in parameters.items() if item[0] not in leave_out),
        kept=True,
        pooled=process != info.backend_pid,
    )


def _expect_usable(
    number: int, version: str, user: str, *, may_create: bool, standby: bool
) -> None:
    if number < OLDEST:
        raise ServerUnavailable(
            f"the server of --chopsticks-dsn is PostgreSQL {version}",
            hint="versions from 13 on are supported",
        )
    if standby:
        raise ServerUnavailable(
            "the server of --chopsticks-dsn is a standby, which cannot be written to",
            hint="name its primary, or several hosts and target_session_attrs=read-write",
        )
    if not may_create:
        raise ServerUnavailable(
            f"the role {user} of --chopsticks-dsn may not create databases",
            hint=f"run as its administrator: ALTER ROLE {user} CREATEDB",
        )
