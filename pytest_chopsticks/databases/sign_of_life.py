"""The session by which other runs see that this one lives, opened anew whenever it is lost.

A server that recovers from a crash, or is restarted, forgets who held which lock, and the run goes
on with the databases that it has.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from selectors import EVENT_READ, DefaultSelector
from threading import Thread
from typing import Any

import psycopg

from pytest_chopsticks.databases.abandoned import hold
from pytest_chopsticks.databases.database import Database
from pytest_chopsticks.databases.recovery import has_ended

#: Seconds between two attempts to come back to a server: a fraction of what a sweep waits.
RETRY = 0.02


@contextmanager
def sign_of_life(database: Database, run: str) -> Iterator[None]:
    """Let the run be seen to live for the length of the context, whenever the server is there."""
    sign = _SignOfLife(database, run)
    try:
        yield
    finally:
        sign.close()


class _SignOfLife:
    """A session that holds the run's lock, and a thread that waits for its end."""

    def __init__(self, database: Database, run: str) -> None:
        self._database = database
        self._run = run
        self._session: psycopg.Connection[Any] | None = self._opened()
        self._stopping, self._stop = socket.socketpair()
        self._thread = Thread(target=self._keep, name="chopsticks-sign-of-life", daemon=True)
        self._thread.start()

    def close(self) -> None:
        # A child that a test forked may have the other end open too.
        self._stop.shutdown(socket.SHUT_WR)
        self._thread.join()
        self._stop.close()
        self._stopping.close()
        if self._session is not None:
            self._session.close()

    def _keep(self) -> None:
        while not self._is_told_to_stop():
            if self._session is None:
                with suppress(psycopg.Error):
                    self._session = self._opened()
            elif has_ended(self._session):
                self._session.close()
                self._session = None

    def _is_told_to_stop(self) -> bool:
        """Wait until then, or until the server says something, or for the next attempt."""
        # Not `select.select`: a process with a thousand files open has no number left for it.
        with DefaultSelector() as awaited:
            awaited.register(self._stopping, EVENT_READ)
            if self._session is not None:
                awaited.register(self._session, EVENT_READ)
            ready = awaited.select(RETRY if self._session is None else None)
            return self._stopping in [key.fileobj for key, _ in ready]

    def _opened(self) -> psycopg.Connection[Any]:
        session = self._database.observe(autocommit=True)
        try:
            hold(session, self._run)
        except psycopg.Error:
            session.close()
            raise
        return session
