"""What can be seen of tables from within the transaction that changes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.compatibility.watching.lock_modes import LOCK_MODES, stronger

if TYPE_CHECKING:
    import psycopg

# The sequence of a serial or identity column goes by the name of its table.
_TABLES = """
SELECT c.oid::bigint, coalesce(owner.relname, c.relname)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend d ON c.relkind = 'S' AND d.deptype IN ('a', 'i')
  AND d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid
  AND d.refclassid = 'pg_catalog.pg_class'::regclass
LEFT JOIN pg_catalog.pg_class owner ON owner.oid = d.refobjid
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'm', 'S')
"""

# The two counters are of this transaction alone; planner and triggers read catalogs, not tables.
_FACTS = """
WITH held AS (
  SELECT relation, array_agg(mode) AS modes FROM pg_catalog.pg_locks
  WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND granted
  GROUP BY relation
)
SELECT c.oid::bigint, c.relkind::text, pg_catalog.pg_relation_filenode(c.oid)::bigint,
       pg_catalog.pg_stat_get_xact_tuples_returned(c.oid),
       coalesce(held.modes, '{}')
FROM pg_catalog.pg_class c LEFT JOIN held ON held.relation = c.oid
WHERE c.oid = ANY (%s::oid[])
"""


@dataclass(frozen=True, slots=True)
class RelationFacts:
    """One table at one moment: its relfilenode, the rows that sequential scans of this transaction
    have returned, and the strongest lock that this transaction holds on it.
    """

    kind: str
    filenode: int | None
    scanned: int
    lock: str | None

    def rewritten_as(self, now: RelationFacts) -> bool:
        """Whether it is a table that was since written anew, or emptied by TRUNCATE."""
        return self.kind != "S" and self.filenode != now.filenode


def tables_of(connection: psycopg.Connection[Any], schema: str) -> dict[int, str]:
    """The tables and sequences of a schema: oid to name."""
    return dict(connection.execute(_TABLES, [schema], prepare=False).fetchall())


def relation_facts(
    connection: psycopg.Connection[Any], oids: Iterable[int]
) -> Mapping[int, RelationFacts]:
    """The facts of those that are still there."""
    rows = connection.execute(_FACTS, [list(oids)], prepare=False)
    return {
        oid: RelationFacts(kind, filenode, scanned, strongest(modes))
        for oid, kind, filenode, scanned, modes in rows
    }


def strongest(modes: Iterable[str]) -> str | None:
    """The strongest of modes as `pg_locks` spells them."""
    found: str | None = None
    for mode in modes:
        found = stronger(found, LOCK_MODES[mode])
    return found
