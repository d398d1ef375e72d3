"""Lends pristine databases to tests, each made pristine in the way the test asks for.

`recycle` lends the same database again and again; `clone` a fresh copy of the template each time;
`rollback` is `recycle` with a connection whose work is rolled back, whatever the test commits.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Literal, get_args

import psycopg

from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.databases.provider import DatabaseProvider, Template
from pytest_chopsticks.databases.recycling import Recycler, watch
from pytest_chopsticks.databases.reused_connection import ReusedConnection
from pytest_chopsticks.databases.sessions import Session
from pytest_chopsticks.databases.template_facts import TemplateFacts, read_template_facts
from pytest_chopsticks.errors import ConfigurationError

Isolation = Literal["recycle", "clone", "rollback"]
#: How many databases of failed tests stay at the same time.
KEPT_AT_MOST = 3

ISOLATIONS: tuple[Isolation, ...] = get_args(Isolation)


class Lease:
    """A pristine database for one test."""

    def __init__(self, database: Database, reused: ReusedConnection, rolled_back: bool) -> None:
        self.database = database
        self.left_sessions: tuple[Session, ...] = ()
        #: Set when the database is worth a look after the test.
        self.kept = False
        self._reused = reused
        self._rolled_back = rolled_back

    def close(self) -> None:
        """Close the session that `connection()` lends."""
        self._reused.close()

    @property
    def idle_processes(self) -> list[int]:
        """The server's processes of the session that `connection()` lends, while it does not."""
        return [session.backend_pid for session in self._reused.open_sessions]

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """Lend an open connection; what is not committed is rolled back."""
        with self._reused.lent() as connection:
            if self._rolled_back:
                with connection.transaction(force_rollback=True):
                    yield connection
            else:
                yield connection


class Pool:
    """The databases that one process lends to its tests, all from one template.

    The next clone is made, and used ones are dropped, in the background.
    """

    def __init__(self, provider: DatabaseProvider, template: Template) -> None:
        self._provider = provider
        self._template = template
        self._background = ThreadPoolExecutor(1, thread_name_prefix="chopsticks-clones")
        self._spare: Future[Database] | None = None
        self._facts: TemplateFacts | None = None
        #: The session in the spare through which the facts were read.
        self._watching: psycopg.Connection[Any] | None = None
        self._recyclable: _Recyclable | None = None
        self.kept: list[Database] = []

    def close(self) -> None:
        """Close every connection and wait for the background; the databases go with the run."""
        if self._recyclable is not None:
            self._recyclable.close()
            self._recyclable = None
        self._stop_watching()
        self._background.shutdown(wait=True)

    @contextmanager
    def lend(self, isolation: Isolation) -> Iterator[Lease]:
        """Lend a database for one test; `left_sessions` of the lease is set at the end."""
        cloned = isolation == "clone" or not self._can_recycle
        rolled_back = isolation == "rollback"
        with self._cloned(rolled_back) if cloned else self._recycled(rolled_back) as lease:
            yield lease

    @contextmanager
    def _recycled(self, rolled_back: bool) -> Iterator[Lease]:
        recyclable = self._recyclable or self._new_recyclable()
        self._recyclable = None
        lease = recyclable.lease(rolled_back)
        try:
            yield lease
        finally:
            if not lease.kept and recyclable.recycle(lease):
                self._recyclable = recyclable
            else:
                recyclable.close()
                self._part_with(lease)

    def _new_recyclable(self) -> _Recyclable:
        facts = self._template_facts
        watching, self._watching = self._watching, None
        database = self._take()
        recyclable = _Recyclable(database, watching or watch(database), facts)
        self._have_spare()
        return recyclable

    @contextmanager
    def _cloned(self, rolled_back: bool) -> Iterator[Lease]:
        self._stop_watching()
        database = self._take()
        self._have_spare()
        lease = Lease(database, ReusedConnection(database), rolled_back)
        try:
            yield lease
        finally:
            lease.close()
            lease.left_sessions = self._provider.left_sessions(database)
            self._part_with(lease)

    @property
    def _can_recycle(self) -> bool:
        server = self._provider.server
        return server.superuser and not server.pooled and self._template_facts.restorable

    @property
    def _template_facts(self) -> TemplateFacts:
        if self._facts is None:
            self._stop_watching()
            self._watching = watch(self._have_spare().result())
            self._facts = read_template_facts(self._watching)
        return self._facts

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.close()
            self._watching = None

    def _take(self) -> Database:
        """Take the spare clone, or make one."""
        spare, self._spare = self._spare, None
        # One that the server crashed under is not to be had, and no reason not to have another.
        return spare.result() if spare and not spare.exception() else self._clone()

    def _have_spare(self) -> Future[Database]:
        """The spare clone, which is made in the background."""
        if self._spare is None or (self._spare.done() and self._spare.exception()):
            self._spare = self._background.submit(self._clone)
        return self._spare

    def _clone(self) -> Database:
        return self._provider.create(self._template.name)

    def _part_with(self, lease: Lease) -> None:
        """Drop the database in the background; of those kept, all but the last few, and at once.

        One that is kept goes without its prepared transactions too: the next test may want their
        names, they keep the server from cleaning up, and a plain DROP DATABASE would be refused.
        """
        self._provider.roll_back_prepared(lease.database)
        self._provider.restore_role()
        if not lease.kept:
            self._background.submit(self._provider.drop, lease.database)
            return
        self._provider.keep(lease.database)
        self.kept.append(lease.database)
        if len(self.kept) > KEPT_AT_MOST:
            self._provider.drop(self.kept.pop(0))


class _Recyclable:
    """A clone with the session that watches it and the connection that tests reuse."""

    def __init__(
        self, database: Database, watching: psycopg.Connection[Any], facts: TemplateFacts
    ) -> None:
        self.database = database
        self._recycler = Recycler(watching, facts)
        self._reused = ReusedConnection(database)

    def lease(self, rolled_back: bool) -> Lease:
        return Lease(self.database, self._reused, rolled_back)

    def recycle(self, lease: Lease) -> bool:
        """Whether the database is pristine again; tells the lease of sessions left open."""
        recycled = self._recycler.recycle(self._reused.open_sessions)
        lease.left_sessions = recycled.left_sessions
        return recycled.pristine

    def close(self) -> None:
        with suppress(psycopg.Error):
            self._reused.close()
            self._recycler.close()


def as_isolation(isolation: object) -> Isolation:
    """Check the isolation that a marker or an option asks for; raises `ConfigurationError`."""
    for known in ISOLATIONS:
        if isolation == known:
            return known
    raise ConfigurationError(
        f"there is no isolation {isolation!r}", hint=f"choose one of {', '.join(ISOLATIONS)}"
    )
