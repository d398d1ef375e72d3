"""A server that somebody else runs, by its connection string: nothing of it is started or stopped.

Only databases of our own are made on it, and removed again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers.origin import Unavailable
from pytest_chopsticks.servers.server import Endpoint, Server, ServerRequest

OLDEST = 130000

#: Seconds until an address that does not answer is given up.
PATIENCE = 10

#: Parameters of a connection string that have a place of their own in `Server`.
_OWN = ("host", "hostaddr", "port", "user", "password", "dbname", "connect_timeout")

_FACTS = """
SELECT rolsuper, rolcreatedb OR rolsuper, current_setting('server_version_num')::int,
       current_setting('server_version'), current_user, current_setting('port')::int
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

    @contextmanager
    def start(self, request: ServerRequest) -> Iterator[Server]:
        del request
        yield _server(self.dsn)

    def __repr__(self) -> str:
        return "Reached(dsn=…)"


def _server(dsn: str) -> Server:
    try:
        with psycopg.connect(make_conninfo(dsn, connect_timeout=PATIENCE)) as connection:
            facts = connection.execute(_FACTS).fetchone()
            address = connection.info.host or connection.info.hostaddr
            port = connection.info.port
            database = connection.info.dbname
            password = connection.info.password
    except psycopg.Error as error:
        raise ServerUnavailable(
            f"the server of --chopsticks-dsn does not answer: {str(error).strip()}",
            hint="try the same connection string with psql",
        ) from None
    assert facts is not None
    superuser, may_create, number, version, user, _ = facts
    _expect_usable(number, version, user, may_create=may_create)
    endpoint = Endpoint(address, port)
    parameters = conninfo_to_dict(dsn)
    return Server(
        origin=External.name,
        version=version.split()[0],
        version_num=number,
        detail=f"{endpoint.host}:{endpoint.port}",
        endpoint=endpoint,
        tcp=None if endpoint.is_socket else endpoint,
        user=user,
        password=password,
        maintenance_database=database,
        superuser=superuser,
        parameters=tuple(
            (name, str(value)) for name, value in parameters.items() if name not in _OWN
        ),
    )


def _expect_usable(number: int, version: str, user: str, *, may_create: bool) -> None:
    if number < OLDEST:
        raise ServerUnavailable(
            f"the server of --chopsticks-dsn is PostgreSQL {version}",
            hint="versions from 13 on are supported",
        )
    if not may_create:
        raise ServerUnavailable(
            f"the role {user} of --chopsticks-dsn may not create databases",
            hint=f"run as its administrator: ALTER ROLE {user} CREATEDB",
        )
