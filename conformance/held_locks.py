"""Makes operations meet: the suite locks what they want, until all of them wait for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

_POLL_S = 0.001

#: How long what a killed program left unfinished in the server may take.
_END_S = 10.0

#: Nothing waits for longer than this to see more operations arrive at the lock. What is judged
#: does not depend on it, only how closely operations meet.
_STANDSTILL_S = 0.05

_WAITING = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""
_OTHERS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user
      AND backend_type = 'client backend' AND NOT pid = ANY (%s)
"""


class Gate:
    """Holds locks through one connection of the owner, and watches through another.

    It is set up before the drivers connect: the sessions of then are the suite's, and are never
    terminated. Where the suite comes in as the owner, nothing else tells them apart.
    """

    def __init__(self, holder: psycopg.Connection[Any], watcher: psycopg.Connection[Any]) -> None:
        self._holder = holder
        self._watcher = watcher
        self._own: list[int] = []
        self._own = self._others()

    @contextmanager
    def hold_wallets(self, users: Sequence[str]) -> Iterator[None]:
        """Lock rows of `user_wallets` for as long as the context lasts."""
        query = "SELECT 1 FROM user_wallets WHERE user_id = ANY (%s) ORDER BY user_id FOR UPDATE"
        with self._holder.transaction():
            self._holder.execute(query, [list(users)])
            yield

    @contextmanager
    def hold_table(self, table: str) -> Iterator[None]:
        """Let nobody write to a table for as long as the context lasts; reading goes on."""
        lock = sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(table))
        with self._holder.transaction():
            self._holder.execute(lock)
            yield

    def wait_for(self, count: int, done: Callable[[], int]) -> list[int]:
        """Return the backends that wait for a lock, once `count` of them wait or are done.

        Or once nothing moves any more: an implementation may let its operations queue up.
        """
        last, since = -1, time.monotonic()
        while True:
            waiting = self.waiting()
            arrived = len(waiting) + done()
            if arrived >= count:
                return waiting
            if arrived != last:
                last, since = arrived, time.monotonic()
            elif (
                arrived and time.monotonic() - since > _STANDSTILL_S
            ) or time.monotonic() - since > 20 * _STANDSTILL_S:
                return waiting
            time.sleep(_POLL_S)

    def waiting(self) -> list[int]:
        """The backends that wait for a lock of any kind."""
        return [pid for (pid,) in self._watcher.execute(_WAITING).fetchall()]

    def terminate_others(self) -> None:
        """End every other connection of the owner to this database."""
        self.terminate(self._others())

    def wait_for_others_to_end(self) -> None:
        """Return when no other connection of the owner to this database is left, or soon after.

        A server does not notice that its client is gone before it has done what it was asked.
        """
        deadline = time.monotonic() + _END_S
        while self._others() and time.monotonic() < deadline:
            time.sleep(_POLL_S)

    def wait_for_end(self, backends: Sequence[int]) -> None:
        """Return when these have ended, or soon after."""
        deadline = time.monotonic() + _END_S
        while self._alive(backends) and time.monotonic() < deadline:
            time.sleep(_POLL_S)

    def terminate(self, backends: Sequence[int]) -> None:
        """End connections, and return when the server has undone what they were doing."""
        self._watcher.execute(
            "SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) pid", [list(backends)]
        )
        while self._alive(backends):
            time.sleep(_POLL_S)

    def _alive(self, backends: Sequence[int]) -> bool:
        query = "SELECT FROM pg_stat_activity WHERE pid = ANY (%s) LIMIT 1"
        return self._watcher.execute(query, [list(backends)]).fetchone() is not None

    def _others(self) -> list[int]:
        return [pid for (pid,) in self._watcher.execute(_OTHERS, [self._own]).fetchall()]
