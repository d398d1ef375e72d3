"""Makes calls overlap for certain: they all get as far as a lock that the suite holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg

from .answers import Answer
from .held_locks import Gate

_AWAITED = """
SELECT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
JOIN pg_database d ON d.oid = l.database
WHERE NOT l.granted AND d.datname = current_database()
"""


class Meeting:
    """Holds locks through one connection of the suite, and watches through another."""

    def __init__(self, holder: psycopg.Connection[Any], watcher: psycopg.Connection[Any]) -> None:
        self._holder = holder
        self._watcher = watcher
        self._gate = Gate(holder, watcher)

    @contextmanager
    def hold(self, statement: str, *parameters: object) -> Iterator[None]:
        """Hold the locks that a statement takes; what it did is undone at the end."""
        with self._holder.transaction(force_rollback=True):
            self._holder.execute(statement.encode(), parameters)
            yield

    def overlap(
        self, calls: Sequence[Callable[[], Answer]], statement: str, *parameters: object
    ) -> list[Answer]:
        """Start all calls while a statement locks what they need, let go, return their answers."""
        with ThreadPoolExecutor(len(calls)) as pool:
            with self.hold(statement, *parameters):
                futures = [pool.submit(call) for call in calls]
                self._gate.wait_for(len(calls), lambda: sum(one.done() for one in futures))
            return [future.result() for future in futures]

    def terminate_waiting(self, call: Future[Answer]) -> None:
        """End the sessions that come to wait for a lock, unless the call ends before."""
        self._gate.terminate(self._gate.wait_for(1, lambda: int(call.done())))

    def kill_waiting(self, call: Future[Answer], kill: Callable[[], None]) -> list[int]:
        """Kill the program once its sessions wait for a lock; returns those sessions.

        The server does not notice at once: they go on when the lock is free.
        """
        waiting = self._gate.wait_for(1, lambda: int(call.done()))
        kill()
        return waiting

    def wait_for_end(self, sessions: Sequence[int]) -> None:
        """Return when these sessions have ended, or soon after."""
        self._gate.wait_for_end(sessions)

    def awaited_table(self) -> str | None:
        """A table of this database that a session waits to use."""
        row = self._watcher.execute(_AWAITED).fetchone()
        return row[0] if row else None
