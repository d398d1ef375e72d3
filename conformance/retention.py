"""Area `retention`: what is old enough goes, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from pytest_chopsticks.implementations import Driver, Target
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.violation import Violation

from .answers import ask
from .clocks import now_ms
from .database_state import row_versions
from .identities import snowflake
from .table_rows import insert, rows_of

_A_DAY, _AN_HOUR = timedelta(days=1), timedelta(hours=1)
_DEFAULT_DAYS, _STATS_DAYS = 90, 365
#: What the guilds set: nothing, other settings, less than the default, more.
_RETENTIONS: tuple[int | None, ...] = (None, None, 30, 400)
_IMMUTABLE = ("transaction_log", "schema_migrations")


@checks("retention.audit")
def test_audit(driver: Driver, observer: psycopg.Connection[Any], target: Target) -> None:
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
    ask(driver, "retention.purge", now_ms=now_ms())
    _expect_left(stays, {row["action"] for row in rows_of(observer, "audit_log")}, "audit entry")


@checks("retention.daily-stats")
def test_daily_stats(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    today = datetime.now(UTC).date()
    stays: set[str] = set()
    for age in (0, 91, _STATS_DAYS - 2, _STATS_DAYS + 2, 2 * _STATS_DAYS):
        command = f"of a day {age} days ago"
        day = today - age * _A_DAY
        row = {"day": day, "guild_id": snowflake(1), "command": command, "ok": 1, "count": 1}
        insert(observer, "command_stats_daily", **row)
        stays |= {command} if age < _STATS_DAYS else set()
    ask(driver, "retention.purge", now_ms=now_ms())
    left = {row["command"] for row in rows_of(observer, "command_stats_daily")}
    _expect_left(stays, left, "row of command_stats_daily")


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
    before = {table: row_versions(observer, schema, table) for table in _IMMUTABLE}
    ask(driver, "retention.purge", now_ms=now_ms())
    for table, rows in before.items():
        if gone := rows - row_versions(observer, schema, table):
            raise Violation(
                expected=f"a purge leaves every row of {table} as it is",
                actual=f"{len(gone)} of {len(rows)} were updated or deleted",
            )


def _audit(
    observer: psycopg.Connection[Any], guild_id: str, action: str, created_at: datetime
) -> None:
    who = {"guild_id": guild_id, "user_id": snowflake(9)}
    insert(observer, "audit_log", **who, action=action, created_at=created_at)


def _expect_left(expected: set[str], left: set[str], what: str) -> None:
    if gone := expected - left:
        raise Violation(expected=f"a purge leaves the {what} {min(gone)}", actual="it deletes it")
    if kept := left - expected:
        raise Violation(
            expected=f"a purge deletes the {what} {min(kept)}", actual="it is still there"
        )
