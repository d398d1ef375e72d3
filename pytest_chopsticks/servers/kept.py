"""A server that stays for later runs: found again, shared by several, gone when none uses it.

Each has a place in the cache: a file with its facts, which every run that uses it holds a shared
lock on, and a lock for whoever joins, starts, or ends it. The server itself belongs to a process
of its own (`kept_process`) in the way a server usually belongs to a run.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers.cache import CACHE_VARIABLE, cache_directory
from pytest_chopsticks.servers.cluster import SETTINGS
from pytest_chopsticks.servers.origin import Startable
from pytest_chopsticks.servers.own_process import OwnProcess
from pytest_chopsticks.servers.owner import Owner
from pytest_chopsticks.servers.run_directory import RUN_VARIABLE
from pytest_chopsticks.servers.server import Server, ServerRequest

#: Seconds that a process may take to stop its server.
PATIENCE = 30.0

#: Seconds in which a living server lets us in.
ANSWER_LIMIT = 5


@dataclass(frozen=True, slots=True)
class KeptServer:
    """A server and the process that it belongs to."""

    server: Server
    owner: Owner

    def answers(self) -> bool:
        try:
            connect(self.server).close()
        except psycopg.OperationalError:
            return False
        return self.owner.lives

    def end(self) -> None:
        """Stop the server, wait for its end; the caller holds the lock of its place."""
        deadline = time.monotonic() + PATIENCE
        with suppress(ProcessLookupError):
            if self.owner.lives:
                os.kill(self.owner.pid, signal.SIGTERM)
        while self.owner.lives and time.monotonic() < deadline:
            time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the facts of one kept server are, for all runs of ours that want the same."""

    facts: Path

    @contextmanager
    def locked(self, *, wait: bool = True) -> Iterator[bool]:
        """Nobody else joins, starts or ends the server meanwhile; false if that was not had."""
        lock = os.open(self.facts.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield _locked(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        finally:
            os.close(lock)

    def read(self) -> KeptServer | None:
        try:
            facts = json.loads(self.facts.read_text())
        except FileNotFoundError:
            return None
        return KeptServer(Server.from_dict(facts["server"]), Owner(**facts["owner"]))

    def write(self, kept: KeptServer) -> None:
        """Readable for our user alone: there may be a password in it."""
        facts = {"server": kept.server.to_dict(), "owner": asdict(kept.owner)}
        file, draft = tempfile.mkstemp(dir=self.facts.parent)
        with os.fdopen(file, "w") as text:
            json.dump(facts, text)
        Path(draft).rename(self.facts)

    def forget(self) -> None:
        self.facts.unlink(missing_ok=True)

    @contextmanager
    def used(self) -> Iterator[None]:
        """Nobody ends the server meanwhile; a killed user uses it no longer."""
        facts = os.open(self.facts, os.O_RDONLY)
        try:
            fcntl.flock(facts, fcntl.LOCK_SH)
            yield
        finally:
            os.close(facts)

    def in_use(self) -> bool:
        facts = os.open(self.facts, os.O_RDONLY)
        try:
            return not _locked(facts, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.close(facts)


@contextmanager
def kept_server(origin: str, found: Startable, request: ServerRequest) -> Iterator[Server]:
    """The kept server of these wishes, started if there is none; raises `ServerUnavailable`."""
    place = Place(_directory() / f"{_key(origin, found, request)}.json")
    with ExitStack() as stack:
        with place.locked():
            wish = replace(request, origin=origin, dsn=None, saved=None)
            kept = _living(place) or _started(place, wish)
            stack.enter_context(place.used())
        yield kept.server


def stop_kept_servers() -> list[Server]:
    """Stop our user's kept servers but for those that a run uses; those that were stopped."""
    stopped = []
    for facts in sorted(_directory().glob("*.json")):
        place = Place(facts)
        with place.locked():
            kept = place.read()
            if kept and not place.in_use():
                kept.end()
                place.forget()
                stopped.append(kept.server)
    return stopped


def connect(server: Server) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=server.endpoint.host,
        port=server.endpoint.port,
        user=server.user,
        password=server.password,
        dbname=server.maintenance_database,
        connect_timeout=ANSWER_LIMIT,
        autocommit=True,
    )


def _living(place: Place) -> KeptServer | None:
    kept = place.read()
    if kept is None or kept.answers():
        return kept
    kept.end()
    place.forget()
    return None


def _started(place: Place, request: ServerRequest) -> KeptServer:
    wish = {**asdict(request), "pg_bin": str(request.pg_bin) if request.pg_bin else None}
    process = OwnProcess("kept_process", str(place.facts), json.dumps(wish))
    try:
        process.answer()
    finally:
        process.close()
    kept = place.read()
    assert kept
    return kept


def _directory() -> Path:
    try:
        return cache_directory("kept")
    except OSError as error:
        raise ServerUnavailable(
            f"There is no place to note a kept server: {error}",
            hint=f"Set {CACHE_VARIABLE} to a directory of your own, "
            "or leave --chopsticks-keep-server out.",
        ) from error


def _key(origin: str, found: Startable, request: ServerRequest) -> str:
    wish = (origin, found.identity, request.tcp, request.settings, SETTINGS, os.geteuid())
    return hashlib.sha256(repr((wish, os.environ.get(RUN_VARIABLE))).encode()).hexdigest()[:16]


def _locked(file: int, operation: int) -> bool:
    try:
        fcntl.flock(file, operation)
    except BlockingIOError:
        return False
    return True
