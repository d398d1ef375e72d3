"""What an old client gets by itself when it connects: where names lead, and whether it may write.

Settings that are kept with a database or a role apply to sessions to come, so that no statement
that is replayed in an open one can show them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict

if TYPE_CHECKING:
    import psycopg

    from pytest_chopsticks.catalog import Snapshot

# The most special setting wins: of the role in this database, of the role, of the database.
_SETTING = """
SELECT coalesce((
  SELECT substr(setting, length(%(name)s) + 2)
  FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) AS setting
  WHERE s.setdatabase IN (0, (
      SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
    AND s.setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user))
    AND starts_with(setting, %(name)s || '=')
  ORDER BY s.setrole = 0, s.setdatabase = 0 LIMIT 1
), (SELECT boot_val FROM pg_catalog.pg_settings WHERE name = %(name)s), '')
"""

#: As they are kept: in the words of whoever set it.
_ON = frozenset({"on", "true", "yes", "1"})

_FOUND = """
SELECT name, coalesce(n.nspname || '.' || c.relname, 'nothing')
FROM unnest(%(tables)s::text[]) AS t (name)
CROSS JOIN LATERAL (
  SELECT to_regclass(quote_ident(name)), to_regclass(format('%%I.%%I', %(schema)s::text, name))
) AS led (found, meant)
LEFT JOIN pg_catalog.pg_class c ON c.oid = found
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE meant IS NOT NULL AND found IS DISTINCT FROM meant
"""


@dataclass(frozen=True, slots=True)
class NewSessions:
    """By table that its bare name does not lead to, what it leads to."""

    led_elsewhere: dict[str, str]
    read_only: bool


def new_sessions(connection: psycopg.Connection[Any], schema: Snapshot) -> NewSessions:
    """How sessions of the connection's role will begin; has to be called in a transaction."""
    with connection.transaction(force_rollback=True):
        # A temporary table is the migration's own: others never see it.
        path = ", ".join(filter(None, [_setting(connection, "search_path"), "pg_temp"]))
        connection.execute("SELECT set_config('search_path', %s, true)", [path])
        found = connection.execute(
            _FOUND, {"tables": list(schema.tables), "schema": schema.schema}
        ).fetchall()
        read_only = _setting(connection, "default_transaction_read_only")
    return NewSessions(dict(found), read_only in _ON)


def _setting(connection: psycopg.Connection[Any], name: str) -> str:
    row = connection.execute(_SETTING, {"name": name}).fetchone()
    return str(row[0]) if row else ""


def new_session_findings(
    before: NewSessions, after: NewSessions, place: Place
) -> Iterator[Finding]:
    """What the same client gets otherwise when it connects after the migration."""
    for found, tables in _by_what_is_found(before, after).items():
        names = ", ".join(tables)
        yield _finding(names, f"an old statement that says {names} finds {found}", place)
    if after.read_only and not before.read_only:
        yield _finding("", "its transactions are read-only, and old writers are refused", place)


def _by_what_is_found(before: NewSessions, after: NewSessions) -> dict[str, list[str]]:
    tables: dict[str, list[str]] = {}
    for table in sorted(after.led_elsewhere.keys() - before.led_elsewhere.keys()):
        tables.setdefault(after.led_elsewhere[table], []).append(table)
    return tables


def _finding(subject: str, said: str, place: Place) -> Finding:
    return Finding(
        family=Family.OLD_WRITERS,
        rule="new-sessions-differ",
        subject=subject,
        message=f"in a session that begins afterwards, {said}",
        evidence=Evidence.OBSERVED,
        verdict=Verdict.BREAKS,
        place=place,
    )
