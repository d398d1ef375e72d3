"""Other sessions in a database: those that end, and those that a test has left open."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg

_S = TypeVar("_S")

#: Seconds in which a session that was closed may take to end, before it counts as left open.
FAREWELL = 0.2

_SESSIONS = """
SELECT pid, application_name, coalesce(state, 'unknown'), left(query, 1000)
FROM pg_stat_get_activity(NULL), pg_database d
WHERE d.datname = %s AND datid = d.oid
  AND backend_type = 'client backend' AND pid <> ALL (%s::int[])
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A session of another program or test."""

    pid: int
    application: str
    state: str
    last_query: str

    def __str__(self) -> str:
        application = f" of {self.application}" if self.application else ""
        return f"session {self.pid}{application}, {self.state}; last query: {self.last_query}"


def read_sessions(
    connection: psycopg.Connection[Any], database: str, own: Sequence[int]
) -> tuple[Session, ...]:
    """The sessions in a database but for our own, as far as this role may see them."""
    found = connection.execute(_SESSIONS, [database, list(own)]).fetchall()
    return tuple(Session(*facts) for facts in found)


def wait_for_farewells(look: Callable[[], tuple[_S, ...]]) -> tuple[_S, ...]:
    """Look until no session is left, or for a moment; those that are left."""
    deadline = time.monotonic() + FAREWELL
    while (left := look()) and time.monotonic() < deadline:
        time.sleep(0.001)
    return left
