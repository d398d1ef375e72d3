"""The suite's own clock, in the units of the tables, and what is near enough to it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from pytest_chopsticks.violation import Violation

SECOND_MS = 1_000
HOUR_MS = 3_600 * SECOND_MS
DAY_MS = 24 * HOUR_MS

#: Clocks of the suite, of an implementation and of a server may differ by this much.
TOLERANCE_MS = 5 * 60 * SECOND_MS

_AROUND_MIDNIGHT_S = 5


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def in_utc(at_ms: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=at_ms)


def now_ms_within_a_day() -> int:
    """Now, and not next to midnight: a few seconds earlier or later it is the same UTC day.

    Waits up to ten seconds for that, once a day.
    """
    while True:
        second = time.time() % 86_400
        if _AROUND_MIDNIGHT_S < second < 86_400 - _AROUND_MIDNIGHT_S:
            return now_ms()
        time.sleep(0.1)


def wait_for_another_second() -> None:
    """Wait until a clock that ticks in whole seconds has another time."""
    time.sleep(1.1)


def expect_now(found: object, what: str) -> None:
    """Expect a number of milliseconds since 1970 that is near now."""
    now = now_ms()
    if not isinstance(found, int) or abs(found - now) > TOLERANCE_MS:
        raise Violation(
            expected=f"{what} is the time in milliseconds, near {now}",
            actual=f"it is {found}{_unit(found, now)}",
        )


def expect_recent(found: object, what: str) -> None:
    """The same for a column with a time zone."""
    if not isinstance(found, datetime):
        raise Violation(expected=f"{what} is set", actual=f"it is {found}")
    difference = abs(found - datetime.now(UTC))
    if difference > timedelta(milliseconds=TOLERANCE_MS):
        raise Violation(expected=f"{what} is near now", actual=f"it is {found}")


def _unit(found: object, now: int) -> str:
    if isinstance(found, int):
        for unit, per_ms in (("seconds", 0.001), ("microseconds", 1_000), ("nanoseconds", 10**6)):
            if abs(found / per_ms - now) <= TOLERANCE_MS:
                return f": those are {unit}"
    return ""
