"""What a runner that has ended, or was killed, may not keep in the server: sessions with locks."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg

from pytest_chopsticks.databases import Database
from pytest_chopsticks.violation import Violation

#: A process that has ended may have a session for a moment more.
_FAREWELL_S = 3.0
_MOMENT_S = 0.2
_POLL_S = 0.01

_LOCKS = """
    SELECT CASE l.locktype WHEN 'advisory' THEN 'an advisory lock'
           ELSE l.mode || ' on ' || l.relation::regclass::text END, a.pid, a.state
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.granted AND a.usename = %s AND a.pid <> pg_backend_pid()
      AND l.locktype IN ('advisory', 'relation')
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY 1
"""
_TERMINATE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = %s AND pid <> pg_backend_pid()
"""
_SESSIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = %s AND pid <> pg_backend_pid()
"""


def expect_no_lock_held(database: Database, what: str) -> None:
    """Raise a violation if the owner's sessions still hold locks some time after a run."""
    with database.observe(autocommit=True) as connection:
        held = _wait_for_none(partial(_locks, connection, database))
    if held:
        raise Violation(
            expected=f"{what} leaves no lock that would keep the next runner waiting",
            actual="".join(f"\n  {lock} of session {pid}, {state}" for lock, pid, state in held),
        )


def holds_lock(database: Database) -> bool:
    """Whether one of the owner's sessions, be it about to end or not, goes on holding a lock."""
    with database.observe(autocommit=True) as connection:
        return bool(_wait_for_none(partial(_locks, connection, database), _MOMENT_S))


def end_sessions(connection: psycopg.Connection[Any], database: Database) -> None:
    """Terminate the owner's sessions, and wait until they are gone."""
    connection.execute(_TERMINATE, [database.user])
    wait_for_end(connection, database)


def wait_for_end(connection: psycopg.Connection[Any], database: Database) -> None:
    """Wait until the owner has no session; those that stay for too long are terminated."""

    def left() -> int:
        row = connection.execute(_SESSIONS, [database.user]).fetchone()
        return int(row[0]) if row else 0

    while _wait_for_none(left):
        connection.execute(_TERMINATE, [database.user])


def _locks(connection: psycopg.Connection[Any], database: Database) -> list[Any]:
    return connection.execute(_LOCKS, [database.user]).fetchall()


def _wait_for_none(ask: Callable[[], Any], limit: float = _FAREWELL_S) -> Any:
    deadline = time.monotonic() + limit
    while (found := ask()) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return found
