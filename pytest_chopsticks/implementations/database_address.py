"""What an implementation is told about the database it works on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class ImplementationDatabase(Protocol):
    """A database and the ordinary role that owns it.

    `url` is the form that every client library understands, over loopback TCP where the server
    listens there, as are `host` and `port`; `dsn` is a libpq connection string over the socket;
    `env` holds DATABASE_URL, POSTGRES_URL and the PG* variables for commands.
    """

    @property
    def url(self) -> str: ...

    @property
    def dsn(self) -> str: ...

    @property
    def env(self) -> Mapping[str, str]: ...

    @property
    def name(self) -> str: ...

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def user(self) -> str: ...

    @property
    def password(self) -> str: ...
