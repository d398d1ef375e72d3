"""Chooses an origin and starts a server from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from pytest_chopsticks.errors import ConfigurationError, ServerUnavailable
from pytest_chopsticks.servers.docker import Docker
from pytest_chopsticks.servers.embedded import Embedded
from pytest_chopsticks.servers.external import External
from pytest_chopsticks.servers.kept import kept_server
from pytest_chopsticks.servers.local import Local
from pytest_chopsticks.servers.origin import Origin, Unavailable
from pytest_chopsticks.servers.server import Server, ServerRequest

#: In the order in which `auto` tries them.
ORIGINS: tuple[Origin, ...] = (Embedded(), Local(), Docker(), External())

ORIGIN_NAMES = tuple(origin.name for origin in ORIGINS)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An origin that gave no server."""

    origin: str
    reason: str
    fix: str | None


@contextmanager
def start_server(request: ServerRequest) -> Iterator[Server]:
    """A server for the length of the context; nothing of it is left afterwards, unless it is kept.

    Origin `auto` takes the first that works; with a `dsn` only the external one, with `pg_bin` only
    the local one. `Server.detail` says which, and why not those before it. Raises
    `ServerUnavailable` with every origin that was tried, its reason and what to do about it.
    """
    attempts: list[Attempt] = []
    with ExitStack() as stack:
        for origin in _wanted(request):
            try:
                server = stack.enter_context(_started(origin, request))
            except ServerUnavailable as error:
                attempts.append(Attempt(origin.name, error.message, error.hint))
            else:
                yield replace(server, detail="; ".join([server.detail, *_reasons(attempts)]))
                return
    raise _refusal(attempts)


def _wanted(request: ServerRequest) -> Sequence[Origin]:
    if request.origin == "auto":
        only = "external" if request.dsn else "local" if request.pg_bin else None
        return [origin for origin in ORIGINS if only in (None, origin.name)]
    named = [origin for origin in ORIGINS if origin.name == request.origin]
    if not named:
        names = ", ".join(["auto", *(origin.name for origin in ORIGINS)])
        raise ConfigurationError(
            f"There is no server origin {request.origin!r}.", hint=f"Choose one of {names}."
        )
    return named


@contextmanager
def _started(origin: Origin, request: ServerRequest) -> Iterator[Server]:
    found = origin.find(request)
    if isinstance(found, Unavailable):
        raise ServerUnavailable(found.reason, hint=found.fix)
    keep = request.keep_minutes is not None and found.identity is not None
    with kept_server(origin.name, found, request) if keep else found.start(request) as server:
        yield server


def _reasons(attempts: Sequence[Attempt]) -> list[str]:
    return [f"{attempt.origin}: {attempt.reason.splitlines()[0]}" for attempt in attempts]


def _refusal(attempts: Sequence[Attempt]) -> ServerUnavailable:
    if len(attempts) == 1:
        only = attempts[0]
        return ServerUnavailable(f"No {only.origin} PostgreSQL: {only.reason}", hint=only.fix)
    lines = [
        f"  {attempt.origin}: {attempt.reason}" + (f"\n    → {attempt.fix}" if attempt.fix else "")
        for attempt in attempts
    ]
    return ServerUnavailable("\n".join(["No PostgreSQL server could be started:", *lines]))
