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

from pytest_chopsticks.databases.direct_queries import PreparedStatements, array
from pytest_chopsticks.databases.prepared_transactions import COUNT as PREPARED
from pytest_chopsticks.databases.sessions import Session, read_sessions
from pytest_chopsticks.databases.template_facts import TemplateFacts

COUNTERS_SINCE = 150000

#: Tells the server to count at once what a session that stays open has written.
FLUSH = b"SELECT pg_stat_force_next_flush()"

# Quicker to read than the sessions themselves.
_BACKENDS = "pg_stat_get_db_numbackends(d.oid)"

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
  (SELECT a::text FROM pg_authid a WHERE oid = d.datdba)
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
class Traces:
    """All that is compared: with equal ones but for `sessions`, nothing was written in between.

    `prepared` is how many transactions wait for the second phase of their commit.
    `shared` may differ though nothing of this database was written: `read_shared` then decides.
    """

    sessions: tuple[Session, ...]
    prepared: int
    shared: bytes
    catalog: bytes
    tables: tuple[int, ...]
    sequences: tuple[bytes, ...]


class TraceReader:
    """Reads the traces in one clone of a template, through a session in autocommit mode."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        statements: PreparedStatements,
        facts: TemplateFacts,
    ) -> None:
        self.counts = connection.info.server_version >= COUNTERS_SINCE
        self._connection = connection
        self._statements = statements
        self._tables = len(facts.tables)
        columns = [
            sql.SQL(_BACKENDS),
            sql.SQL(PREPARED),
            *(_counters(facts) if self.counts else _versions(facts)),
            _positions(facts),
        ]
        query = sql.SQL("SELECT {} FROM pg_database d WHERE d.datname = current_database()")
        composed = query.format(sql.SQL(", ").join(columns))
        self._query = composed.as_bytes(connection)

    def read(self, own: Sequence[int]) -> Traces:
        """Look at the database; `own` are the living sessions that are no traces.

        While there are other sessions, these are all that is told.
        """
        try:
            backends, *found = self._statements.row(self._query)
            if int(backends) != len(own):
                if sessions := self._sessions(own):
                    return Traces(sessions, 0, b"", b"", (), ())
                # The one that ended in between had not yet told of all that it wrote.
                _, *found = self._statements.row(self._query)
        except psycopg.errors.LockNotAvailable:
            return Traces(self._sessions(own), self._prepared(), b"", b"", (), ())
        prepared, shared, catalog, tables, sequences = found
        versions = list(map(int, array(tables)))
        return Traces(
            sessions=(),
            prepared=int(prepared),
            shared=shared,
            catalog=b"%d" % (int(catalog) - sum(versions)) if self.counts else catalog,
            tables=tuple(versions[: self._tables]),
            sequences=tuple(array(sequences)),
        )

    def read_shared(self) -> object:
        """Read what of the shared catalogs concerns the database."""
        query = f"SELECT {_SHARED} FROM pg_database d WHERE d.datname = current_database()"
        found = self._connection.execute(query.encode()).fetchone()
        return found[0] if found else None

    def _prepared(self) -> int:
        query = f"SELECT {PREPARED} FROM pg_database d WHERE d.datname = current_database()"
        return int(self._statements.row(query.encode())[0])

    def _sessions(self, own: Sequence[int]) -> tuple[Session, ...]:
        return read_sessions(self._connection, self._connection.info.dbname, own)

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
        sql.SQL("(SELECT last_value || '/' || is_called FROM {})").format(sequence.name)
        for sequence in facts.sequences
    ]
    return sql.SQL("ARRAY[{}]::text[]").format(sql.SQL(", ").join(parts))
