"""A server of our own: a fresh data directory, `postgres` started on it, both gone afterwards."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers.account import Account, server_account
from pytest_chopsticks.servers.initialised import SUPERUSER, initialised_cluster
from pytest_chopsticks.servers.ports import LOOPBACK, reserved_port
from pytest_chopsticks.servers.reachable import reachable
from pytest_chopsticks.servers.run_directory import (
    RUN_VARIABLE,
    RunDirectory,
    run_directory,
    run_roots,
    unfit,
)
from pytest_chopsticks.servers.saved_cluster import forget, save, saved_archive, saved_place
from pytest_chopsticks.servers.server import Endpoint, Server, ServerRequest
from pytest_chopsticks.servers.supervised import Supervised, supervised
from pytest_chopsticks.servers.sweep import sweep

if TYPE_CHECKING:
    from pytest_chopsticks.servers.installation import Installation

#: The port that names the socket where no TCP is asked for.
SOCKET_PORT = 5432

#: Seconds for a server to become ready; on tmpfs it takes 0.04.
PATIENCE = 60.0

#: Seconds between two looks at `postmaster.pid`.
LOOK = 0.002

#: How often a server is started anew because its port was taken after all.
PORT_ATTEMPTS = 5

SETTINGS = {
    # The data does not outlive the run: nothing is made durable.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Files are in memory anyway; a start has less to prepare, and each session less to inherit.
    "shared_buffers": "32MB",
    # Segments kept for later use would be most of the disk's and of a saved state's bytes.
    "wal_recycle": "off",
    "wal_init_zero": "off",
    "max_logical_replication_workers": "0",
    # It would hold locks and connections to databases at moments no test can foresee.
    "autovacuum": "off",
    # Segments in the data directory go with it; those in /dev/shm would outlive a SIGKILL.
    "dynamic_shared_memory_type": "mmap",
    "max_connections": "200",
    # Clients commit in two phases too; the server's own default forbids it.
    "max_prepared_transactions": "20",
    # PostgreSQL 13 would still make MD5 of passwords, which the access rules refuse.
    "password_encryption": "scram-sha-256",
    "lc_messages": "C",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


#: Those that only some versions know, with the first that does.
SETTINGS_SINCE = {
    # What is in memory needs no processes that read ahead.
    180000: {"io_method": "sync"},
}


class PortTaken(Exception):
    """Another program listens on the port that was chosen."""


class SavedStateUnusable(Exception):
    """No server starts from what a run before left."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What one start needs to know; `state` is the place of the state that a run before left."""

    installation: Installation
    request: ServerRequest
    account: Account | None
    root: Path
    state: Path | None


@contextmanager
def running_cluster(installation: Installation, request: ServerRequest) -> Iterator[Server]:
    """A server from the programs of an installation, in the first place that has room for it.

    What killed runs left in those places is removed first. Raises `ServerUnavailable`.
    """
    account = server_account()
    programs = reachable(installation, account)
    state = saved_place(programs, request, settings_of(programs))
    roots = run_roots()
    sweep(roots)
    refused = []
    with ExitStack() as stack:
        for root in roots:
            try:
                launch = Launch(programs, request, account, root, state)
                server = stack.enter_context(_in_root(launch))
            except OSError as error:
                refused.append(f"{root}: {error.strerror or error}")
            else:
                yield server
                return
    raise ServerUnavailable(
        "There is no place for the server's files: " + "; ".join(refused) + ".",
        hint=f"Set {RUN_VARIABLE} (or TMPDIR) to a directory with a short path "
        "and 512 MiB of room that you can write to.",
    )


@contextmanager
def _in_root(launch: Launch) -> Iterator[Server]:
    reason = unfit(launch.root, launch.account)
    if reason:
        raise OSError(errno.EINVAL, reason)
    from_saved = True
    with ExitStack() as stack:
        for _ in range(PORT_ATTEMPTS):
            try:
                server = stack.enter_context(_postgres(launch, from_saved))
            except PortTaken:
                continue
            except SavedStateUnusable:
                forget(launch.state)
                from_saved = False
                continue
            yield server
            return
    raise ServerUnavailable(
        f"Each of {PORT_ATTEMPTS} ports chosen for the server was taken by another program.",
        hint="Look for a program that opens and closes ports on 127.0.0.1 all the time.",
    )


@contextmanager
def _postgres(launch: Launch, from_saved: bool) -> Iterator[Server]:
    with run_directory(launch.root, launch.account) as directory, ExitStack() as held:
        port = held.enter_context(
            reserved_port() if launch.request.tcp else nullcontext(SOCKET_PORT)
        )
        command = command_of(launch, directory, port)
        with supervised(directory, launch.account, command) as postgres:
            _start(postgres, launch, directory, from_saved)
            held.close()
            yield describe(launch, directory, port)
            if save(launch.state, launch.request, postgres, directory):
                return
            if postgres.stop() is not None:
                raise ServerUnavailable(
                    "postgres ended before the run did. "
                    f"The end of its log:\n{postgres.log_tail()}",
                    hint="Look for what killed it; without a line about that, memory ran out.",
                )


def _start(postgres: Supervised, launch: Launch, directory: RunDirectory, from_saved: bool) -> None:
    """Write the data directory and start the server on it, the two at the same time.

    Until it is ready, a server that has nothing to recover opens no file of a database.
    """
    saved = saved_archive(launch.state, launch.request) if from_saved else None
    archive = saved or initialised_cluster(launch.installation, launch.root, launch.account)
    archive.make_directories(directory.data, launch.account)
    archive.write_files(directory.data, launch.account, lambda name: not _is_of_a_database(name))
    postgres.go()
    archive.write_files(directory.data, launch.account, _is_of_a_database)
    try:
        wait_until_ready(postgres, directory)
    except ServerUnavailable as error:
        if saved:
            raise SavedStateUnusable from error
        raise


def _is_of_a_database(name: str) -> bool:
    return name.startswith("base/")


def settings_of(installation: Installation) -> dict[str, str]:
    """Our settings, as far as this version knows them."""
    settings = dict(SETTINGS)
    for since, more in SETTINGS_SINCE.items():
        if installation.version_num >= since:
            settings |= more
    return settings


def command_of(launch: Launch, directory: RunDirectory, port: int) -> list[str]:
    settings = {
        **settings_of(launch.installation),
        "listen_addresses": LOOPBACK if launch.request.tcp else "",
        "unix_socket_directories": str(directory.sockets),
        "port": str(port),
        **dict(launch.request.settings),
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(launch.installation.bin / "postgres"), "-D", str(directory.data), *options]


def wait_until_ready(postgres: Supervised, directory: RunDirectory) -> None:
    """Watch the status in the last line of `postmaster.pid`, and the process."""
    deadline = time.monotonic() + PATIENCE
    while not _is_ready(directory.data / "postmaster.pid"):
        if postgres.ended(within=LOOK) is not None:
            if os.strerror(errno.EADDRINUSE) in postgres.log_tail():
                raise PortTaken
            raise postgres.failure("postgres did not start")
        if time.monotonic() > deadline:
            raise postgres.failure(f"postgres was not ready in {PATIENCE:.0f} s")


def _is_ready(facts: Path) -> bool:
    # A server that gives up takes the file away, at any moment.
    with suppress(FileNotFoundError):
        return facts.read_text().endswith("\nready   \n")
    return False


def describe(launch: Launch, directory: RunDirectory, port: int) -> Server:
    installation = launch.installation
    return Server(
        origin=installation.origin,
        version=installation.version,
        version_num=installation.version_num,
        detail=installation.detail,
        endpoint=Endpoint(str(directory.sockets), port),
        tcp=Endpoint(LOOPBACK, port) if launch.request.tcp else None,
        user=SUPERUSER,
        password="",
        data_directory=directory.data,
        trusting=True,
    )
