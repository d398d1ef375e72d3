"""Sessions in the database that are not ours: a migration's own connections."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

_OTHERS = """
SELECT pid FROM pg_catalog.pg_stat_activity
WHERE datname = pg_catalog.current_database() AND backend_type = 'client backend'
  AND pid <> pg_catalog.pg_backend_pid() AND NOT pid = ANY (%s)
"""


def strangers(connection: psycopg.Connection[Any], known: Collection[int]) -> frozenset[int]:
    """The process ids of client sessions in this database, but for our own."""
    # What the view shows stays the same within a transaction unless it is cleared.
    connection.execute("SELECT pg_catalog.pg_stat_clear_snapshot()", prepare=False)
    rows = connection.execute(_OTHERS, [list(known)], prepare=False)
    return frozenset(pid for (pid,) in rows)
