"""What every origin of a server has in common; one file per origin."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from pytest_chopsticks.servers.server import Server, ServerRequest


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why an origin has no server to give, and what makes it have one."""

    reason: str
    fix: str


class Startable(Protocol):
    """Something a server can be started from.

    `identity` differs when the servers would; it is None when the server is not ours to keep.
    """

    @property
    def identity(self) -> str | None: ...

    def start(self, request: ServerRequest) -> AbstractContextManager[Server]:
        """A server for the length of the context; raises `ServerUnavailable` on entering it."""
        ...


class Origin(Protocol):
    """A place a server can come from. `name` is the contract's word for it."""

    @property
    def name(self) -> str: ...

    def find(self, request: ServerRequest) -> Startable | Unavailable:
        """Look, without starting or changing anything."""
        ...
