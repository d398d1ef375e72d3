"""A server whose data outlives it: made to crash, started again, copied, brought back to a point.

Its data directory is the part of one run directory that every start of it shares; sockets and log
are in a directory of their own for each start. A watchdog of its own removes what is shared.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers.account import Account, server_account
from pytest_chopsticks.servers.cluster import (
    PORT_ATTEMPTS,
    SOCKET_PORT,
    Launch,
    PortTaken,
    command_of,
    describe,
    wait_until_ready,
)
from pytest_chopsticks.servers.initialised import initialised_cluster
from pytest_chopsticks.servers.installation import Installation
from pytest_chopsticks.servers.ports import reserved_port
from pytest_chopsticks.servers.reachable import reachable
from pytest_chopsticks.servers.run_directory import (
    RUN_VARIABLE,
    RunDirectory,
    run_directory,
    run_roots,
    unfit,
)
from pytest_chopsticks.servers.server import Server, ServerRequest
from pytest_chopsticks.servers.start import ORIGINS
from pytest_chopsticks.servers.supervised import supervised

_DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_senders": "3",
    # What a session commits without waiting for it stays in memory, where a crash loses it for
    # certain: no process of the server writes the log, or pages that need it written, by itself.
    "wal_writer_delay": "10s",
    "wal_writer_flush_after": "1GB",
    "bgwriter_lru_maxpages": "0",
    "checkpoint_timeout": "1d",
}

_NOTHING = ("/bin/sh", "-c", ":")


class DurableServer:
    """A server that is running, but for the moment between a crash and the next start."""

    def __init__(self, launch: Launch, kept: RunDirectory, settings: Mapping[str, str]) -> None:
        request = replace(launch.request, settings=tuple(settings.items()))
        self.launch = replace(launch, request=request)
        self._kept = kept
        self._running = ExitStack()
        self._server: Server | None = None

    @property
    def server(self) -> Server:
        """The server as it runs now: every start has another socket and another port."""
        if self._server is None:
            raise ServerUnavailable("The durable server was not started.")
        return self._server

    @property
    def wal_archive(self) -> Path:
        """Where the server puts the segments of its write-ahead log when they are full."""
        return self._kept.path / "wal-archive"

    def start(self) -> None:
        """Start it on its data; raises `ServerUnavailable`, or OSError for a full disk."""
        for _ in range(PORT_ATTEMPTS):
            try:
                self._server = self._running.enter_context(_running(self.launch, self._kept))
            except PortTaken:
                continue
            return
        raise ServerUnavailable(f"Each of {PORT_ATTEMPTS} ports for the server was taken.")

    def crash(self) -> None:
        """End all its processes at once: what was not written to a file by then is lost.

        Files are as the processes left them. That the machine fails too is not simulated.
        """
        self._server = None
        self._running.close()


@contextmanager
def durable_server(request: ServerRequest) -> Iterator[DurableServer]:
    """A new server of the request's origin, embedded or local, that archives its log.

    Nothing of it is left after the context. Raises `ServerUnavailable` or OSError.
    """
    account = server_account()
    installation = reachable(_installation(request), account)
    root = _root(account)
    launch = Launch(installation, request, account, root, None)
    with kept_directory(root, account) as kept:
        server = DurableServer(launch, kept, {**_DURABLE, **_archiving(kept)})
        initialised_cluster(installation, root, account).unpack(kept.data, account)
        make_private(server.wal_archive, account)
        with started(server):
            yield server


@contextmanager
def started(server: DurableServer) -> Iterator[DurableServer]:
    """The server, running; it ends with the context."""
    server.start()
    try:
        yield server
    finally:
        server.crash()


@contextmanager
def kept_directory(root: Path, account: Account | None) -> Iterator[RunDirectory]:
    """A run directory for what several starts share, gone afterwards, however we end."""
    with (
        run_directory(root, account) as directory,
        supervised(directory, account, _NOTHING),
    ):
        yield directory


def make_private(directory: Path, account: Account | None) -> None:
    """Make a directory that only the server's user can enter."""
    directory.mkdir(mode=0o700)
    if account:
        os.chown(directory, account.uid, account.gid)


@dataclass(frozen=True, slots=True)
class _Start(RunDirectory):
    """The run directory of one start, whose data is elsewhere."""

    kept: RunDirectory

    @property
    def data(self) -> Path:
        return self.kept.data


@contextmanager
def _running(launch: Launch, kept: RunDirectory) -> Iterator[Server]:
    # Of a server that was killed, it would say that this one is ready.
    (kept.data / "postmaster.pid").unlink(missing_ok=True)
    with run_directory(launch.root, launch.account) as place, ExitStack() as held:
        directory = _Start(place.path, place.lock, kept)
        port = held.enter_context(
            reserved_port() if launch.request.tcp else nullcontext(SOCKET_PORT)
        )
        command = command_of(launch, directory, port)
        # Its end is an immediate shutdown, which is a crash: nothing is written any more.
        with supervised(directory, launch.account, command) as postgres:
            postgres.go()
            wait_until_ready(postgres, directory)
            held.close()
            yield describe(launch, directory, port)


def _installation(request: ServerRequest) -> Installation:
    for origin in ORIGINS:
        if origin.name == request.origin:
            found = origin.find(request)
            if isinstance(found, Installation):
                return found
    raise ServerUnavailable(
        f"A server of origin {request.origin} cannot be made to crash and recover.",
        hint="Choose the origin embedded or local.",
    )


def _root(account: Account | None) -> Path:
    refused = {root: unfit(root, account) for root in run_roots()}
    for root, reason in refused.items():
        if reason is None:
            return root
    raise ServerUnavailable(
        "There is no place for the server's files: "
        + "; ".join(f"{root} {reason}" for root, reason in refused.items()),
        hint=f"Set {RUN_VARIABLE} to a directory with a short path that you can write to.",
    )


def _archiving(kept: RunDirectory) -> dict[str, str]:
    """Each segment appears in the archive complete or not at all."""
    place = shlex.quote(f"{kept.path}/wal-archive/").replace("%", "%%")
    command = f"cp %p {place}%f.part && mv {place}%f.part {place}%f"
    return {"archive_mode": "on", "archive_command": command}
