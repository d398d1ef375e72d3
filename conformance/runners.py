"""Area `runners`: signs of life."""

from __future__ import annotations

from typing import Any

import psycopg

from pytest_chopsticks.implementations import Driver
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.violation import Violation

from .answers import ask
from .clocks import HOUR_MS, SECOND_MS, expect_now, now_ms
from .fixtures import OpenDriver
from .json_values import lost_keys
from .table_rows import row_of

_META = {"host": "h1 ✓", "version": "1.2.3", "shards": [0, 1]}
_RUNNER = "runner-1"


@checks("runners.heartbeat")
def test_heartbeat(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    ask(driver, "runners.heartbeat", runner_id=_RUNNER, at_ms=now_ms(), meta=_META)
    _expect_row(observer, "the first heartbeat")
    observer.execute("UPDATE agent_runners SET last_seen = last_seen - %s", [HOUR_MS])
    ask(driver, "runners.heartbeat", runner_id=_RUNNER, at_ms=now_ms())
    _expect_row(observer, "a heartbeat an hour later, which gives no meta")
    ask(driver, "runners.heartbeat", runner_id="runner-2", at_ms=now_ms())
    _expect_row(observer, "another runner's heartbeat")


@checks("runners.late-heartbeat")
def test_late_heartbeat(drivers: OpenDriver, observer: psycopg.Connection[Any]) -> None:
    driver, now = drivers(), now_ms()
    ask(driver, "runners.heartbeat", runner_id=_RUNNER, at_ms=now)
    earlier: tuple[tuple[Driver, int, dict[str, object], str], ...] = (
        (driver, 60, {}, ""),
        (driver, 1, {}, ", of a second before,"),
        (driver, 30, {"meta": _META}, ", with meta,"),
        (drivers(), 60, {}, ", after a restart,"),
    )
    for program, seconds, meta, what in earlier:
        at_ms = now - seconds * SECOND_MS
        ask(program, "runners.heartbeat", runner_id=_RUNNER, at_ms=at_ms, **meta)
        last_seen = row_of(observer, "agent_runners", runner_id=_RUNNER)["last_seen"]
        if last_seen != now:
            raise Violation(
                expected=f"last_seen stays {now} when an earlier heartbeat{what} arrives late",
                actual=f"it is {last_seen}",
            )


def _expect_row(observer: psycopg.Connection[Any], after: str) -> None:
    row = row_of(observer, "agent_runners", runner_id=_RUNNER)
    expect_now(row["last_seen"], f"agent_runners.last_seen after {after}")
    if lost := lost_keys(_META, row["meta"]):
        raise Violation(
            expected=f"the runner's meta has {lost[0]!r} = {_META[lost[0]]!r} after {after}",
            actual=f"meta is {row['meta']!r}",
        )
