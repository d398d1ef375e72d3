"""A running Postgres, as the rest of the package sees it: plain facts, no behaviour."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

DEFAULT_IMAGE = "postgres:18-alpine"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens: a socket directory or a host name, with a port."""

    host: str
    port: int

    @property
    def is_socket(self) -> bool:
        return self.host.startswith("/")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the superuser (or database-creating) role the suite observes through.

    `endpoint` is the fastest way in. `tcp` is the loopback address for programs that cannot use a
    socket; it is None when none was asked for. `origin` is the contract's word for where the
    server comes from: embedded, local, docker or external. An empty `password` means that none is
    needed. `parameters` are further ones of libpq, such as `sslmode`. A `kept` server stays when
    the run ends, with every database that is not dropped. Behind a pooler, `pooled`, sessions go on
    after their clients, and their process ids are not what clients are told. A `trusting` one lets
    everyone who reaches `endpoint` in without a password. Values only, so that a pytest-xdist
    controller can send it to its workers.
    """

    origin: str
    version: str
    version_num: int
    detail: str
    endpoint: Endpoint
    tcp: Endpoint | None
    user: str
    password: str = field(repr=False)
    data_directory: Path | None = None
    maintenance_database: str = "postgres"
    superuser: bool = True
    parameters: tuple[tuple[str, str], ...] = ()
    kept: bool = False
    pooled: bool = False
    trusting: bool = False

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Self:
        """What `to_dict` made into builtin types."""
        tcp, data = facts["tcp"], facts["data_directory"]
        return cls(
            **{
                **facts,
                "endpoint": Endpoint(**facts["endpoint"]),
                "tcp": Endpoint(**tcp) if tcp else None,
                "data_directory": Path(data) if data else None,
                "parameters": tuple((name, value) for name, value in facts["parameters"]),
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Builtin types only, which is what pytest-xdist can send."""
        data = self.data_directory
        return {**asdict(self), "data_directory": str(data) if data else None}

    def __str__(self) -> str:
        return f"{self.origin} PostgreSQL {self.version} ({self.detail})"


@dataclass(slots=True)
class SavedCluster:
    """The state in which a project's last run left a server, for its next one to start from.

    A `fresh` server starts without it. An origin that can save the state of its server says so by
    setting `possible`; who has brought the databases into a state worth saving sets `ready`.
    """

    project: str
    fresh: bool = False
    possible: bool = False
    ready: bool = False


@dataclass(frozen=True, slots=True)
class ServerRequest:
    """What a run wants: an origin (or `auto`), TCP or not, where to look for binaries or servers.

    With `keep_minutes` a server of our own stays for later runs, until none has used it for so
    many minutes. With `saved` one that goes with the run leaves its state.
    """

    origin: str = "auto"
    tcp: bool = False
    pg_bin: Path | None = None
    dsn: str | None = field(default=None, repr=False)
    settings: tuple[tuple[str, str], ...] = ()
    image: str = DEFAULT_IMAGE
    keep_minutes: float | None = None
    saved: SavedCluster | None = None
