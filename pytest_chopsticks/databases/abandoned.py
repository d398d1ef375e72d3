"""Databases and roles on a server that outlives its runs: whose they are, and whether it lives.

A run holds an advisory lock as long as it lives. What it makes is marked by a comment with the
run's name; what has the mark of a run that no session holds the lock of is abandoned. A role and
its mark appear together. A database appears a moment before its mark, but if it belongs to a
marked role it counts as marked; only a run killed in that moment that has no role of its own leaves
a database that nobody can prove to be ours, and that stays. What a run keeps for people to look at
has another mark, which the run itself leaves alone, and the next run does not.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.databases.dropping import drop_database

#: Seconds after which a run that seems dead is looked at again: a living one that has lost its
#: session, because the server crashed, is back a moment after the server is.
SECOND_LOOK = 0.5

#: From this version on a server may end sessions that are idle.
_IDLE_TIMEOUT_SINCE = 140000

_MARK = "made by pytest-chopsticks for run "
_KEPT_MARK = "kept by pytest-chopsticks for run "

# The locks of every database of the server are to be seen, and in 'pg_locks' a key is in halves.
_MARKED = """
WITH role_runs AS (
  SELECT oid, rolname, substr(shobj_description(oid, 'pg_authid'), length(%(mark)s) + 1) AS run
  FROM pg_roles WHERE starts_with(shobj_description(oid, 'pg_authid'), %(mark)s)
), database_runs AS (
  SELECT datname, substr(shobj_description(oid, 'pg_database'), length(%(mark)s) + 1) AS run
  FROM pg_database WHERE starts_with(shobj_description(oid, 'pg_database'), %(mark)s)
                      OR starts_with(shobj_description(oid, 'pg_database'), %(kept)s)
  UNION
  SELECT datname, run FROM pg_database JOIN role_runs ON datdba = role_runs.oid
)
SELECT 'database' AS kind, datname AS name, run FROM database_runs
UNION ALL
SELECT 'role', rolname, run FROM role_runs
ORDER BY kind, name
"""

_KEPT = """
SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') = %s ORDER BY oid
"""

_HELD = """
SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND granted
"""


def hold(connection: psycopg.Connection[Any], run: str) -> None:
    """Mark the run as living as long as this connection is open, which nothing else should use.

    To be called before the run makes anything. The connection is in autocommit mode.
    """
    if connection.info.server_version >= _IDLE_TIMEOUT_SINCE:
        connection.execute("SET idle_session_timeout = 0")
    # Shared with the session before, if that was lost on the way and the server does not know yet.
    connection.execute("SELECT pg_advisory_lock_shared(%s)", [_key(run)])


def mark_database(name: str, run: str) -> sql.Composed:
    """The statement that marks a new database as a run's."""
    return _comment("DATABASE", name, run)


def mark_role(name: str, run: str) -> sql.Composed:
    """The statement that marks a role as a run's, in the transaction that creates it."""
    return _comment("ROLE", name, run)


def mark_kept(name: str, run: str) -> sql.Composed:
    """The statement that marks a run's database as one that stays after the run."""
    return _comment("DATABASE", name, run, _KEPT_MARK)


def kept_databases(connection: psycopg.Connection[Any], run: str) -> list[str]:
    """The names of the databases that the run keeps."""
    return [name for (name,) in connection.execute(_KEPT, [_KEPT_MARK + run])]


def remove_abandoned(connection: psycopg.Connection[Any]) -> list[str]:
    """Drop what dead runs left, as far as this role may; the names of what was dropped.

    The connection is in autocommit mode. What another run drops at the same time is its.
    """
    marked = connection.execute(_MARKED, {"mark": _MARK, "kept": _KEPT_MARK}).fetchall()
    # Read afterwards: a run takes its lock before it makes anything.
    held = _held(connection)
    if any(_key(run) not in held for _, _, run in marked):
        time.sleep(SECOND_LOOK)
        held |= _held(connection)
    dead = [(kind, name) for kind, name, run in marked if _key(run) not in held]
    return [name for kind, name in dead if _drop(connection, kind, name)]


def remove_run(connection: psycopg.Connection[Any], run: str) -> list[str]:
    """Drop everything that is marked as this run's, at its end, but for what it keeps.

    The result is the names of what was dropped; a role stays that owns what is kept.
    """
    marked = connection.execute(_MARKED, {"mark": _MARK, "kept": _KEPT_MARK}).fetchall()
    kept = kept_databases(connection, run)
    own = [(kind, name) for kind, name, its_run in marked if its_run == run and name not in kept]
    return [name for kind, name in own if _drop(connection, kind, name)]


def _held(connection: psycopg.Connection[Any]) -> set[int]:
    return {key for (key,) in connection.execute(_HELD)}


def _key(run: str) -> int:
    digest = hashlib.blake2b(f"{_MARK}{run}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _comment(kind: str, name: str, run: str, mark: str = _MARK) -> sql.Composed:
    statement = sql.SQL(f"COMMENT ON {kind} {{}} IS {{}}")
    return statement.format(sql.Identifier(name), sql.Literal(mark + run))


def _drop(connection: psycopg.Connection[Any], kind: str, name: str) -> bool:
    with suppress(psycopg.Error):
        if kind == "role":
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
        else:
            drop_database(connection, name)
        return True
    return False
