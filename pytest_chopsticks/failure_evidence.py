"""What a failed test left in its database: told in its report, and kept if the server is."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.databases import Database, Lease, kept_databases
from pytest_chopsticks.databases.sessions import wait_for_farewells
from pytest_chopsticks.run import Run

LEASE: pytest.StashKey[Lease] = pytest.StashKey()

_TITLE = "Chopsticks database"

_LOCKS = """
(SELECT string_agg(DISTINCT l.mode || ' on ' || l.relation::regclass, ', ')
 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation, pg_database d
 WHERE {holder} AND l.granted AND l.relation >= 16384
   AND d.datname = current_database() AND l.database = d.oid
   AND c.relkind IN ('r', 'p', 'm', 'S') AND l.mode <> 'AccessShareLock')
"""

_SESSIONS = f"""
SELECT a.pid, a.state, left(a.query, 500), {_LOCKS.format(holder="l.pid = a.pid")},
       pg_blocking_pids(a.pid)
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.pid <> ALL (%s)
  AND a.backend_type = 'client backend' AND a.application_name <> 'pytest-chopsticks'
ORDER BY a.backend_start
"""  # noqa: S608

# No session holds the locks of what is prepared: they belong to whoever holds that of its number.
_PREPARED = f"""
SELECT p.gid, {_LOCKS.format(holder="l.pid IS NULL AND l.virtualtransaction = own.holder")}
FROM pg_prepared_xacts p LEFT JOIN (
  SELECT transactionid, virtualtransaction AS holder FROM pg_locks
  WHERE locktype = 'transactionid' AND pid IS NULL AND granted
) own ON own.transactionid = p.transaction
WHERE p.database = current_database() ORDER BY p.prepared
"""  # noqa: S608


def tell_failure(item: pytest.Item, report: pytest.TestReport) -> None:
    """Keep the database of a failed test, and add to its report how to look into it."""
    lease = item.stash.get(LEASE, None)
    if lease is None or report.when != "call" or not report.failed:
        return
    lease.kept = True
    report.sections.append((_TITLE, "\n".join(_lines(lease))))


def tell_kept(reporter: pytest.TerminalReporter, run: Run) -> None:
    """List at the end of a run the databases of failed tests that are still there."""
    lines = {
        text.partition("\n")[0]: report.nodeid
        for report in reporter.getreports("failed")
        for title, text in report.sections
        if title == _TITLE
    }
    if not lines:
        return
    if not run.shared.server.kept:
        reporter.write_line(
            "chopsticks: the databases of failed tests are gone with the server;"
            " --chopsticks-keep-server lets the last of them stay"
        )
        return
    reporter.write_line("chopsticks: databases of failed tests, there until the next run:")
    for database in _kept(run):
        reporter.write_line(f"  {lines.get(psql_line(database), '?')}\n    {psql_line(database)}")


def _kept(run: Run) -> list[Database]:
    server, role = run.shared.server, run.shared.role
    maintenance = Database(server.maintenance_database, server, role)
    try:
        with maintenance.observe() as connection:
            names = kept_databases(connection, run.shared.run)
    except psycopg.Error:
        return []
    return [Database(name, server, role) for name in names]


def psql_line(database: Database) -> str:
    """The shell line that opens the database as its owner."""
    return f"psql {shlex.quote(database.shareable_dsn)}"


def _lines(lease: Lease) -> Iterator[str]:
    yield psql_line(lease.database)
    try:
        with lease.database.observe(autocommit=True) as connection:
            yield from map(_session, _sessions(connection, lease.idle_processes))
            yield from map(_prepared, connection.execute(_PREPARED).fetchall())
    except psycopg.Error as error:
        yield f"its sessions cannot be listed: {error}"


def _sessions(connection: psycopg.Connection[Any], own: Sequence[int]) -> Sequence[tuple[Any, ...]]:
    """All but our own; the server needs a moment to end those that were closed."""

    def read() -> list[tuple[Any, ...]]:
        return connection.execute(_SESSIONS, [own]).fetchall()

    wait_for_farewells(lambda: tuple(row for row in read() if row[1] == "idle"))
    return read()


def _session(row: tuple[Any, ...]) -> str:
    pid, state, query, locks, blocked_by = row
    text = f"session {pid}, {state}"
    if blocked_by:
        text += f", waits for {', '.join(map(str, blocked_by))}"
    if locks:
        text += f", holds {locks}"
    return f"{text}\n  last statement: {query}"


def _prepared(row: tuple[Any, ...]) -> str:
    name, locks = row
    held = f", which held {locks}" if locks else ""
    return f"prepared transaction {name!r}{held}: rolled back, as the test had not ended it"
