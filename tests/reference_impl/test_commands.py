"""Counts of commands."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest

from reference_impl import Implementation
from reference_impl.commands import Commands

from .concurrency import answers
from .conftest import Observer
from .rejected import rejected

MIDNIGHT = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * 1000
TOTAL = "SELECT guild_id, command, ok, err, total_ms, count FROM command_stats"
DAILY = "SELECT day, ok, err, total_ms, count FROM command_stats_daily ORDER BY day"


@pytest.fixture
def commands(implementation: Implementation) -> Commands:
    return implementation.commands


def test_uses_add_up(commands: Commands, observer: Observer) -> None:
    commands.record(guild_id="1", command="play", ok=True, duration_ms=5, at_ms=MIDNIGHT)
    commands.record(guild_id="1", command="play", ok=False, duration_ms=7, at_ms=MIDNIGHT)

    assert observer.rows(TOTAL) == [("1", "play", 1, 1, 12, 2)]
    assert observer.rows(DAILY) == [(date(2026, 3, 1), 1, 1, 12, 2)]


def test_the_day_is_the_utc_day(commands: Commands, observer: Observer) -> None:
    observer.execute("SET timezone = 'Pacific/Auckland'")
    for at_ms in (MIDNIGHT - 1, MIDNIGHT):
        commands.record(guild_id="1", command="play", ok=True, duration_ms=1, at_ms=at_ms)

    days = [day for day, *_ in observer.rows(DAILY)]
    assert days == [date(2026, 2, 28), date(2026, 3, 1)]


def test_no_concurrent_use_is_lost(commands: Commands, observer: Observer) -> None:
    answers(
        [partial(commands.record, "1", f"c{n % 2}", n % 3 > 0, 1, MIDNIGHT) for n in range(200)]
    )

    totals = observer.rows("SELECT sum(ok), sum(err), sum(total_ms), sum(count) FROM command_stats")
    assert totals == [(133, 67, 200, 200)]
    assert totals == observer.rows(
        "SELECT sum(ok), sum(err), sum(total_ms), sum(count) FROM command_stats_daily"
    )


@pytest.mark.parametrize(("ok", "duration_ms"), [(1, 1), ("true", 1), (True, -1), (True, 0.5)])
def test_nonsense_is_refused(
    commands: Commands, observer: Observer, ok: Any, duration_ms: Any
) -> None:
    with rejected("invalid_format"):
        commands.record(guild_id="1", command="c", ok=ok, duration_ms=duration_ms, at_ms=MIDNIGHT)

    assert observer.rows(TOTAL) == []
