"""What tests leave in a database, seen by one query.

Rows are found by versions: one of the catalog and one of each table, equal as long as nothing was
written, so that what was not written to costs nothing. From PostgreSQL 15 on, versions are the
server's own counters of rows inserted, updated and deleted: a backend has added its share before
it is gone from `pg_stat_activity`, and one that stays can be told to. Before 15 they arrive late,
so row versions are read instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.databases.template_facts import TemplateFacts

COUNTERS_SINCE = 150000

#: Tells the server to count at once what a session that stays open has written.
FLUSH = "SELECT pg_stat_force_next_flush()"

_SESSIONS = """
(SELECT array_agg(ARRAY[pid::text, application_name, state, left(query, 1000)])
 FROM pg_stat_get_activity(NULL)
 WHERE datid = d.oid AND backend_type = 'client backend' AND pid <> ALL (%s::int[]))
"""

_WRITTEN = """
(pg_stat_get_tuples_inserted({0}) + pg_stat_get_tuples_updated({0})
 + pg_stat_get_tuples_deleted({0}))
"""

# The shared catalogs that a database's owner can write to, but for pg_database itself: that one
# changes with every clone, so only the database's own row counts.
_SHARED_CATALOGS = ("pg_db_role_setting", "pg_authid", "pg_shdescription")
_SHARED_COUNTERS = " + ".join(
    _WRITTEN.format(f"'pg_catalog.{name}'::regclass") for name in _SHARED_CATALOGS
)

# Settings, comment and properties of the database, and the role that owns it.
_SHARED = """
ARRAY[
  (SELECT string_agg(s::text, ' ' ORDER BY s::text) FROM pg_db_role_setting s
   WHERE setdatabase = d.oid OR setrole = d.datdba),
  shobj_description(d.oid, 'pg_database'),
  d.xmin::text,
  (SELECT a::text FROM pg_authid a WHERE oid = d.datdba),
  (SELECT string_agg(gid, ' ' ORDER BY gid) FROM pg_prepared_xacts WHERE database = d.datname)
]
"""

_DATABASE_COUNTER = """
(pg_stat_get_db_tuples_inserted(d.oid) + pg_stat_get_db_tuples_updated(d.oid)
 + pg_stat_get_db_tuples_deleted(d.oid))
"""
_TABLE_COUNTERS = f"""
ARRAY(SELECT {_WRITTEN.format("oid")}
      FROM unnest({{}}::oid[]) WITH ORDINALITY AS listed (oid, n) ORDER BY n)
"""

# What an owner can change of the big catalogs are rows of its own objects.
_OWN = "oid >= 16384"
_CATALOG = {
    "pg_attrdef": _OWN,
    "pg_attribute": "attrelid >= 16384",
    "pg_cast": _OWN,
    "pg_class": "true",
    "pg_collation": _OWN,
    "pg_constraint": "true",
    "pg_conversion": _OWN,
    "pg_default_acl": "true",
    "pg_description": "objoid >= 16384 OR objoid = 2200",
    "pg_enum": "true",
    "pg_event_trigger": "true",
    "pg_extension": "true",
    "pg_foreign_data_wrapper": "true",
    "pg_foreign_server": "true",
    "pg_foreign_table": "true",
    "pg_index": "indexrelid >= 16384",
    "pg_inherits": "true",
    "pg_language": "true",
    "pg_largeobject_metadata": "true",
    "pg_namespace": "true",
    "pg_opclass": _OWN,
    "pg_operator": _OWN,
    "pg_opfamily": _OWN,
    "pg_partitioned_table": "true",
    "pg_policy": "true",
    "pg_proc": _OWN,
    "pg_publication": "true",
    "pg_publication_rel": "true",
    "pg_range": "rngtypid >= 16384",
    "pg_rewrite": _OWN,
    "pg_seclabel": "true",
    "pg_sequence": "true",
    "pg_statistic_ext": "true",
    "pg_transform": "true",
    "pg_trigger": "true",
    "pg_ts_config": _OWN,
    "pg_ts_dict": _OWN,
    "pg_type": _OWN,
    "pg_user_mapping": "true",
}
_PER_ROW = 2**32
_ROW_VERSION = "(SELECT count(*) * {} + coalesce(sum(xmin::text::bigint), 0) FROM ONLY {} WHERE {})"


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


@dataclass(frozen=True, slots=True)
class Traces:
    """All that is compared: with equal ones but for `sessions`, nothing was written in between.

    `shared` may differ though nothing of this database was written: `read_shared` then decides.
    """

    sessions: tuple[Session, ...]
    shared: str
    catalog: str
    tables: tuple[int, ...]
    sequences: tuple[str, ...]


class TraceReader:
    """Reads the traces in clones of one template."""

    def __init__(self, facts: TemplateFacts, server_version: int) -> None:
        self.counts = server_version >= COUNTERS_SINCE
        self._tables = len(facts.tables)
        columns = [sql.SQL(_SESSIONS), *(_counters(facts) if self.counts else _versions(facts))]
        self._query = sql.SQL(
            "SELECT {}, {} FROM pg_database d WHERE d.datname = current_database()"
        ).format(sql.SQL(", ").join(columns), _positions(facts))

    def read(self, connection: psycopg.Connection[Any], own: Sequence[int]) -> Traces:
        """Look at the connection's database; `own` are the sessions that are no traces."""
        row = connection.execute(self._query, [list(own)], prepare=True).fetchone()
        assert row is not None
        sessions, shared, catalog, tables, sequences = row
        return Traces(
            sessions=tuple(Session(int(pid), *rest) for pid, *rest in sessions or ()),
            shared=shared,
            catalog=str(catalog - sum(tables)) if self.counts else catalog,
            tables=tuple(map(int, tables[: self._tables])),
            sequences=tuple(sequences),
        )

    def read_shared(self, connection: psycopg.Connection[Any]) -> object:
        """Read what of the shared catalogs concerns the connection's database."""
        query = f"SELECT {_SHARED} FROM pg_database d WHERE d.datname = current_database()"
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None

    def rows_between(self, before: int, after: int) -> int:
        """About how many rows of a table were written between two of its versions."""
        difference = abs(after - before)
        return difference if self.counts else 1 + difference // _PER_ROW


def _counters(facts: TemplateFacts) -> list[sql.Composable]:
    """Those of shared catalogs, of the whole database, of the tables and then their TOAST."""
    toast = [table.toast for table in facts.tables.values() if table.toast]
    return [
        sql.SQL(f"({_SHARED_COUNTERS})::text || d.xmin::text"),
        sql.SQL(_DATABASE_COUNTER),
        sql.SQL(_TABLE_COUNTERS).format(sql.Literal([*facts.tables, *toast])),
    ]


def _versions(facts: TemplateFacts) -> list[sql.Composable]:
    catalog = [
        _version(sql.Identifier("pg_catalog", name), condition)
        for name, condition in _CATALOG.items()
    ]
    tables = [_version(table.name, "true") for table in facts.tables.values()]
    return [
        sql.SQL(f"({_SHARED})::text"),
        sql.SQL("ROW({})::text").format(sql.SQL(", ").join(catalog)),
        sql.SQL("ARRAY[{}]::numeric[]").format(sql.SQL(", ").join(tables)),
    ]


def _version(name: sql.Identifier, condition: str) -> sql.Composed:
    return sql.SQL(_ROW_VERSION).format(sql.Literal(_PER_ROW), name, sql.SQL(condition))


def _positions(facts: TemplateFacts) -> sql.Composed:
    parts = [
        sql.SQL("(SELECT last_value || ' ' || is_called FROM {})").format(sequence.name)
        for sequence in facts.sequences
    ]
    return sql.SQL("ARRAY[{}]::text[]").format(sql.SQL(", ").join(parts))
