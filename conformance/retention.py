"""Area `retention`: what is old enough goes, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from pytest_chopsticks.implementations import Driver, Target
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.run import Run
from pytest_chopsticks.violation import Violation

from .answers import ask
from .canonical_rows import canonical_row, prerequisites
from .canonical_schema import TABLES, Table
from .clocks import now_ms
from .database_state import row_versions
from .identities import snowflake
from .table_rows import contents, insert, rows_of

_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)
_DEFAULT_DAYS, _STATS_DAYS = 90, 365
#: The days of the rows of command_stats_daily, so many days ago.
_AGES = (0, 91, _STATS_DAYS - 2, _STATS_DAYS + 2, 2 * _STATS_DAYS)
#: How many entries there are that are old enough: more than a program deletes at once.
_MANY = {"quick": 100, "default": 2_500, "thorough": 12_000}
#: What the guilds set: nothing, other settings, less than the default, more.
_RETENTIONS: tuple[int | None, ...] = (None, None, 30, 400)
_IMMUTABLE = ("transaction_log", "schema_migrations")
#: Have no retention. Runners have none either, but one that is long gone may be forgotten.
_KEPT = tuple(
    table
    for table in TABLES
    if table.name not in (*_IMMUTABLE, "audit_log", "command_stats_daily", "agent_runners")
)
_TIMES = ("created_at", "updated_at", "acquired_at", "last_daily", "last_weekly")


@checks("retention.audit")
def test_audit(driver: Driver, observer: psycopg.Connection[Any], target: Target, run: Run) -> None:
    now = datetime.now(UTC)
    stays: set[str] = set()
    for number, days in enumerate(_RETENTIONS):
        if number:
            data = {"prefix": "!"} if days is None else {target.audit_retention_key: days}
            guild = snowflake(number)
            insert(observer, "guild_settings", guild_id=guild, data=Jsonb(data), rev=1)
        kept = timedelta(days=_DEFAULT_DAYS if days is None else days)
        for age, there in (
            (timedelta(), True),
            (kept - _AN_HOUR, True),
            (kept + _A_DAY + _AN_HOUR, False),
            (2 * kept, False),
        ):
            action = f"{age} old, in a guild that keeps {kept.days} days"
            _audit(observer, snowflake(number), action, now - age)
            stays |= {action} if there else set()
    many = _MANY[run.options.profile]
    query = (
        "INSERT INTO audit_log (guild_id, user_id, action, created_at)"
        " SELECT %s, %s, 'one of many', %s FROM generate_series(1, %s)"
    )
    observer.execute(query, [snowflake(9), snowflake(9), now - 2 * _STATS_DAYS * _A_DAY, many])
    before = len(rows_of(observer, "audit_log"))
    answer = ask(driver, "retention.purge", now_ms=now_ms())
    left = rows_of(observer, "audit_log")
    _expect_left(stays, {row["action"] for row in left}, "audit entry")
    _expect_told(answer, "audit_log", before - len(left))


@checks("retention.daily-stats")
def test_daily_stats(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    today = datetime.now(UTC).date()
    stays: set[str] = set()
    for age in _AGES:
        command = f"of a day {age} days ago"
        day = today - age * _A_DAY
        row = {"day": day, "guild_id": snowflake(1), "command": command, "ok": 1, "count": 1}
        insert(observer, "command_stats_daily", **row)
        stays |= {command} if age < _STATS_DAYS else set()
    answer = ask(driver, "retention.purge", now_ms=now_ms())
    left = {row["command"] for row in rows_of(observer, "command_stats_daily")}
    _expect_left(stays, left, "row of command_stats_daily")
    _expect_told(answer, "command_stats_daily", len(_AGES) - len(stays))


@checks("retention.spares-the-immutable")
def test_spares_the_immutable(
    driver: Driver, observer: psycopg.Connection[Any], schema: str
) -> None:
    long_ago = datetime(2016, 2, 29, tzinfo=UTC)
    users = {"from_user": snowflake(1), "to_user": snowflake(2)}
    at_ms = int(long_ago.timestamp()) * 1_000
    insert(observer, "transaction_log", **users, amount=1, reason="long ago", timestamp=at_ms)
    version = {"version": "20160229_000000", "description": "Long ago", "checksum": "0" * 64}
    insert(observer, "schema_migrations", **version, applied_at=long_ago)
    _audit(observer, snowflake(1), "long ago", long_ago)
    for one in _KEPT:
        _insert_old(observer, one, long_ago)
    before = {table: row_versions(observer, schema, table) for table in _IMMUTABLE}
    kept = contents(observer)
    ask(driver, "retention.purge", now_ms=now_ms())
    for table, rows in before.items():
        if gone := rows - row_versions(observer, schema, table):
            raise Violation(
                expected=f"a purge leaves every row of {table} as it is",
                actual=f"{len(gone)} of {len(rows)} were updated or deleted",
            )
    left = contents(observer)
    for name in (table.name for table in _KEPT):
        if left[name][0] < kept[name][0]:
            raise Violation(
                expected=f"a purge deletes no row of {name}, which has no retention",
                actual=f"{kept[name][0] - left[name][0]} of {kept[name][0]} are gone",
            )


def _insert_old(observer: psycopg.Connection[Any], table: Table, long_ago: datetime) -> None:
    for name, row in prerequisites(table):
        with suppress(psycopg.errors.UniqueViolation):
            insert(observer, name, **row)
    # The pools of the first few are there for the agents.
    row = dict(canonical_row(table, 9 if table.name == "agent_pools" else 1))
    at_ms = int(long_ago.timestamp()) * 1_000
    for name in _TIMES:
        if name in row:
            row[name] = at_ms if isinstance(row[name], int) else long_ago
    # An empty wallet says what was earned and spent.
    for name in ("balance", "bank"):
        if name in row:
            row[name] = 0
    insert(observer, table.name, **row)


def _audit(
    observer: psycopg.Connection[Any], guild_id: str, action: str, created_at: datetime
) -> None:
    who = {"guild_id": guild_id, "user_id": snowflake(9)}
    insert(observer, "audit_log", **who, action=action, created_at=created_at)


def _expect_told(answer: Mapping[str, Any], table: str, gone: int) -> None:
    if answer.get(table) != gone:
        raise Violation(
            expected=f"the answer says that {gone} rows of {table} went",
            actual=f"it says {answer.get(table)!r}",
        )


def _expect_left(expected: set[str], left: set[str], what: str) -> None:
    if gone := expected - left:
        raise Violation(expected=f"a purge leaves the {what} {min(gone)}", actual="it deletes it")
    if kept := left - expected:
        raise Violation(
            expected=f"a purge deletes the {what} {min(kept)}", actual="it is still there"
        )
