"""The functions and procedures of a schema, which no snapshot of its tables has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

_ROUTINES = """
SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = %s AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_depend d
  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
)
"""


def routines_of(connection: psycopg.Connection[Any], schema: str) -> frozenset[str]:
    """Their signatures; those that belong to extensions are left out."""
    rows = connection.execute(_ROUTINES, [schema], prepare=False)
    return frozenset(signature for (signature,) in rows)
