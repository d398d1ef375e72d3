"""Area `stats`: counts of commands, in all and by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.databases import Database
from pytest_chopsticks.implementations import Driver
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.violation import Violation

from .answers import ask, attempt, result_of
from .clocks import now_ms
from .fixtures import Crew, OpenDriver
from .identities import snowflake
from .overlapping import Meeting
from .table_rows import row_of, rows_of

_GUILD = snowflake(1)
_AT_ONCE = 4
_COLUMNS = ("ok", "err", "total_ms", "count")
#: Ahead of UTC and behind it, so that wherever it is read, one of them has another day.
_ZONES = ("Pacific/Kiritimati", "Pacific/Pago_Pago")

_HOLD_NEW = {
    "command_stats": "INSERT INTO command_stats (guild_id, command) VALUES (%s, %s)",
    "command_stats_daily": "INSERT INTO command_stats_daily (day, guild_id, command)"
    " VALUES ((now() AT TIME ZONE 'UTC')::date, %s, %s)",
}
_HOLD = "SELECT 1 FROM {} WHERE guild_id = %s AND command = %s FOR UPDATE"


@checks("stats.counters")
def test_counters(
    driver: Driver, crew: Crew, meeting: Meeting, observer: psycopg.Connection[Any]
) -> None:
    for ok, duration in ((True, 5), (True, 7), (False, 11)):
        _record(driver, "play", ok, duration)
    _expect_counts(observer, "play", ok=2, err=1, total_ms=23)
    _record(driver, "skip", False, 0)
    _expect_counts(observer, "skip", ok=0, err=1, total_ms=0)
    _expect_counts(observer, "play", ok=2, err=1, total_ms=23)
    drivers = crew(_AT_ONCE)
    for table, hold in _HOLD_NEW.items():
        command = f"at once in {table}"
        for times, lock in ((1, hold), (2, _HOLD.format(table))):
            calls = [
                partial(attempt, one, "commands.record", **_use(command, True, 3))
                for one in drivers
            ]
            for answer in meeting.overlap(calls, lock, _GUILD, command):
                result_of(answer, f"recording a command {_AT_ONCE} times at once")
            count = times * _AT_ONCE
            _expect_counts(observer, command, ok=count, err=0, total_ms=3 * count)


@checks("stats.daily-bucket")
def test_daily_bucket(
    drivers: OpenDriver, observer: psycopg.Connection[Any], fresh: Database
) -> None:
    midnight = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    at_midnight = int(midnight.timestamp()) * 1_000
    for number, zone in enumerate(_ZONES):
        statement = sql.SQL("ALTER DATABASE {} SET timezone = {}")
        observer.execute(statement.format(sql.Identifier(fresh.name), sql.Literal(zone)))
        driver, command = drivers(), f"play{number}"
        for at_ms in (at_midnight - 1, at_midnight):
            ask(driver, "commands.record", **{**_use(command, True, 1), "at_ms": at_ms})
        rows = rows_of(observer, "command_stats_daily", guild_id=_GUILD, command=command)
        found: dict[date, int] = {row["day"]: row["count"] for row in rows}
        today = midnight.date()
        expected = {today - timedelta(days=1): 1, today: 1}
        if found != expected:
            raise Violation(
                expected=f"one command a millisecond before midnight UTC and one at midnight count"
                f" {_told(expected)}, also in a database of time zone {zone}",
                actual=_told(found),
            )


def _record(driver: Driver, command: str, ok: bool, duration_ms: int) -> None:
    ask(driver, "commands.record", **_use(command, ok, duration_ms))


def _use(command: str, ok: bool, duration_ms: int) -> dict[str, object]:
    when = {"duration_ms": duration_ms, "at_ms": now_ms()}
    return {"guild_id": _GUILD, "command": command, "ok": ok, **when}


def _expect_counts(observer: psycopg.Connection[Any], command: str, **counts: int) -> None:
    expected = {**counts, "count": counts["ok"] + counts["err"]}
    total = row_of(observer, "command_stats", guild_id=_GUILD, command=command)
    days = rows_of(observer, "command_stats_daily", guild_id=_GUILD, command=command)
    sums = {column: sum(row[column] for row in days) for column in _COLUMNS}
    for found, table in ((total, "command_stats"), (sums, "command_stats_daily")):
        if wrong := [column for column in _COLUMNS if found[column] != expected[column]]:
            raise Violation(
                expected=f"{table} of {command!r} has {wrong[0]} = {expected[wrong[0]]}",
                actual=", ".join(f"{column} = {found[column]}" for column in _COLUMNS),
            )


def _told(counts: dict[date, int]) -> str:
    return ", ".join(f"{count} on {day}" for day, count in sorted(counts.items())) or "none"
