"""One database on a running server, and the ways in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from pytest_chopsticks.databases.role import Role
from pytest_chopsticks.servers.server import Endpoint, Server

_Connection = TypeVar("_Connection", bound=psycopg.Connection[Any] | psycopg.AsyncConnection[Any])

#: The environment variables of libpq's parameters, where they have one.
_VARIABLES = {
    option.keyword.decode(): option.envvar.decode()
    for option in pq.Conninfo.get_defaults()
    if option.envvar
}


@dataclass(frozen=True, slots=True)
class Database:
    """A database that belongs to an ordinary role; the suite observes it through a role of its own.

    Programs get `url` or `env`: loopback TCP with a password where the server listens there, else
    its socket, which may ask for none. Code in this process gets `dsn` or `connect()`: always the
    fastest way in.
    """

    name: str
    server: Server
    role: Role

    @property
    def user(self) -> str:
        return self.role.name

    @property
    def password(self) -> str:
        return self.role.password

    @property
    def host(self) -> str:
        return self._program_endpoint.host

    @property
    def port(self) -> int:
        return self._program_endpoint.port

    @property
    def url(self) -> str:
        """The `postgresql://` URL that every client library understands, password included."""
        login = quote(self.user, safe="")
        if self.password:
            login += f":{quote(self.password, safe='')}"
        parameters = dict(self.server.parameters)
        if self._program_endpoint.is_socket:
            address = ""
            parameters |= {"host": self.host, "port": str(self.port)}
        else:
            address = f"[{self.host}]" if ":" in self.host else self.host
            address += f":{self.port}"
        query = f"?{urlencode(parameters)}" if parameters else ""
        return f"postgresql://{login}@{address}/{quote(self.name)}{query}"

    @property
    def dsn(self) -> str:
        """The libpq connection string of the owner."""
        return self._dsn(self.user, self.password)

    @property
    def shareable_dsn(self) -> str:
        """The connection string without its password, for what people read.

        On a server of their own they come in as they had us come in, with a password they know.
        """
        external = self.server.origin == "external"
        return self._dsn(self.server.user if external else self.user, "")

    @property
    def env(self) -> Mapping[str, str]:
        """The environment variables by which programs find a database."""
        parameters = dict(self.server.parameters)
        return {
            **{_VARIABLES[name]: parameters[name] for name in parameters if name in _VARIABLES},
            "DATABASE_URL": self.url,
            "POSTGRES_URL": self.url,
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.name,
        }

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        """Connect as the owner; `options` go to `psycopg.connect`."""
        return reading_dates(psycopg.connect(self.dsn, **options))

    async def aconnect(self, **options: Any) -> psycopg.AsyncConnection[Any]:
        """Connect as the owner, asynchronously; `options` go to `AsyncConnection.connect`."""
        return reading_dates(await psycopg.AsyncConnection.connect(self.dsn, **options))

    def observe(self, **options: Any) -> psycopg.Connection[Any]:
        """Connect as the suite's own role: a superuser, where the server is ours."""
        dsn = self._dsn(self.server.user, self.server.password)
        return reading_dates(psycopg.connect(dsn, **options))

    @property
    def _program_endpoint(self) -> Endpoint:
        return self.server.tcp or self.server.endpoint

    def _dsn(self, user: str, password: str) -> str:
        endpoint = self.server.endpoint
        return make_conninfo(
            host=endpoint.host,
            port=endpoint.port,
            user=user,
            password=password or None,
            dbname=self.name,
            **dict(self.server.parameters),
        )

    def __repr__(self) -> str:
        return f"<Database {self.name} on {self.server.origin} PostgreSQL {self.server.version}>"


def reading_dates(connection: _Connection) -> _Connection:
    """Have the server write dates as ISO, the only style that psycopg reads, if it does not."""
    style = connection.info.parameter_status("DateStyle")
    if style and not style.startswith("ISO"):
        connection.pgconn.exec_(b"SET DateStyle TO ISO")
    return connection
