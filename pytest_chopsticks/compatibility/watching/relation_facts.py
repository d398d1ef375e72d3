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

# What a session reads is counted by itself, and given to the server from time to time between
# transactions. Within one, its own counters are exact; otherwise the sum of both is.
_FACTS = """
WITH held AS (
  SELECT relation, array_agg(mode) AS modes FROM pg_catalog.pg_locks
  WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND granted
  GROUP BY relation
)
SELECT c.oid::bigint, c.relkind::text, pg_catalog.pg_relation_filenode(c.oid)::bigint,
       pg_catalog.pg_stat_get_xact_tuples_returned(c.oid)
         + CASE WHEN %(given)s THEN pg_catalog.pg_stat_get_tuples_returned(c.oid) ELSE 0 END,
       (SELECT coalesce(sum(
          pg_catalog.pg_stat_get_xact_tuples_returned(i.indexrelid)
            + CASE WHEN %(given)s THEN pg_catalog.pg_stat_get_tuples_returned(i.indexrelid)
                ELSE 0 END
        ), 0)::bigint FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid),
       c.reltuples::bigint, coalesce(held.modes, '{}')
FROM pg_catalog.pg_class c LEFT JOIN held ON held.relation = c.oid
WHERE c.oid = ANY (%(oids)s::oid[])
"""

_FEW = 5
_MOST = 0.9


@dataclass(frozen=True, slots=True)
class RelationFacts:
    """One table at one moment: its relfilenode, the strongest lock that this session holds on it,
    how many rows this session has read one after the other and how many through indexes, and how
    many there were when the table was last analysed.
    """

    kind: str
    filenode: int | None
    scanned: int
    looked_up: int
    rows: int
    lock: str | None

    def rewritten_as(self, now: RelationFacts) -> bool:
        """Whether it is a table that was since written anew, or emptied by TRUNCATE."""
        return self.kind != "S" and self.filenode != now.filenode

    def read_as_a_whole_by(self, now: RelationFacts) -> bool:
        """Whether it was since read from end to end, in the order of an index perhaps."""
        through_indexes = now.looked_up - self.looked_up
        return now.scanned > self.scanned or through_indexes >= max(self.rows, _FEW) * _MOST


def tables_of(connection: psycopg.Connection[Any], schema: str) -> dict[int, str]:
    """The tables and sequences of a schema: oid to name."""
    return dict(connection.execute(_TABLES, [schema], prepare=False).fetchall())


def relation_facts(
    connection: psycopg.Connection[Any], oids: Iterable[int]
) -> Mapping[int, RelationFacts]:
    """The facts of those that are still there.

    Outside a transaction nobody else may read the tables meanwhile.
    """
    parameters = {"oids": list(oids), "given": connection.autocommit}
    found = connection.execute(_FACTS, parameters, prepare=False)
    return {
        oid: RelationFacts(kind, filenode, scanned, looked_up, rows, strongest(modes))
        for oid, kind, filenode, scanned, looked_up, rows, modes in found
    }


def strongest(modes: Iterable[str]) -> str | None:
    """The strongest of modes as `pg_locks` spells them."""
    found: str | None = None
    for mode in modes:
        found = stronger(found, LOCK_MODES[mode])
    return found
