"""Streaks: a period from the last claim, continued for as long again."""

from functools import partial

import pytest

from reference_impl import Implementation
from reference_impl.clock import DAY_MS, SECOND_MS
from reference_impl.streaks import Streaks

from .concurrency import answers
from .conftest import Observer
from .rejected import rejected

START = 1_771_027_200_000
USER = "175928847299117063"
PERIODS = pytest.mark.parametrize(("kind", "period"), [("daily", DAY_MS), ("weekly", 7 * DAY_MS)])


@pytest.fixture
def streaks(implementation: Implementation) -> Streaks:
    return implementation.streaks


def test_the_first_claim_starts_a_streak(streaks: Streaks, observer: Observer) -> None:
    answer = streaks.claim(user_id=USER, kind="daily", at_ms=START)

    assert answer == {"streak": 1, "longest": 1, "multiplier": 1.05}
    assert observer.row(
        "SELECT daily_streak, weekly_streak, last_daily, last_weekly, longest_daily,"
        " longest_weekly, streak_multiplier::float FROM user_streaks"
    ) == (1, 0, START, None, 1, 0, 1.05)


@PERIODS
@pytest.mark.parametrize("later", [0, 1], ids=["at the period", "before twice the period"])
def test_a_claim_in_the_next_period_continues(
    streaks: Streaks, kind: str, period: int, later: int
) -> None:
    streaks.claim(user_id=USER, kind=kind, at_ms=START)

    answer = streaks.claim(user_id=USER, kind=kind, at_ms=START + period + later * (period - 1))

    assert answer["streak"] == answer["longest"] == 2


@PERIODS
def test_a_claim_after_a_missed_period_starts_over(
    streaks: Streaks, kind: str, period: int
) -> None:
    streaks.claim(user_id=USER, kind=kind, at_ms=START)
    streaks.claim(user_id=USER, kind=kind, at_ms=START + period)

    answer = streaks.claim(user_id=USER, kind=kind, at_ms=START + 3 * period)

    assert (answer["streak"], answer["longest"]) == (1, 2)


@PERIODS
@pytest.mark.parametrize("second", [0, SECOND_MS, "last"])
def test_a_second_claim_in_the_period_is_refused(
    streaks: Streaks, observer: Observer, kind: str, period: int, second: int | str
) -> None:
    streaks.claim(user_id=USER, kind=kind, at_ms=START)
    before = observer.rows("SELECT * FROM user_streaks")
    after = period - 1 if second == "last" else int(second)

    with rejected("already_claimed"):
        streaks.claim(user_id=USER, kind=kind, at_ms=START + after)

    assert observer.rows("SELECT * FROM user_streaks") == before


@PERIODS
def test_the_clock_does_not_go_back(streaks: Streaks, kind: str, period: int) -> None:
    streaks.claim(user_id=USER, kind=kind, at_ms=START)

    with rejected("clock_went_back"):
        streaks.claim(user_id=USER, kind=kind, at_ms=START - 1)


def test_the_multiplier_stays_within_its_bounds(streaks: Streaks, observer: Observer) -> None:
    streaks.claim(user_id=USER, kind="daily", at_ms=START)
    observer.execute("UPDATE user_streaks SET daily_streak = 10000, longest_daily = 10000")

    answer = streaks.claim(user_id=USER, kind="daily", at_ms=START + DAY_MS)

    assert answer == {"streak": 10_001, "longest": 10_001, "multiplier": 5.0}


def test_both_kinds_count_for_the_multiplier(streaks: Streaks) -> None:
    streaks.claim(user_id=USER, kind="daily", at_ms=START)

    answer = streaks.claim(user_id=USER, kind="weekly", at_ms=START)

    assert answer == {"streak": 1, "longest": 1, "multiplier": 1.1}


def test_of_concurrent_claims_one_is_good(streaks: Streaks) -> None:
    """The first of all, which makes the row, and those after it."""
    for day in range(10):
        answered = answers([partial(streaks.claim, USER, "daily", START + day * DAY_MS)] * 8)

        assert answered.count("already_claimed") == 7


@pytest.mark.parametrize(("kind", "at_ms"), [("monthly", START), ("daily", -1), ("daily", 2**62)])
def test_nonsense_is_refused(streaks: Streaks, kind: str, at_ms: int) -> None:
    with rejected("invalid_format"):
        streaks.claim(user_id=USER, kind=kind, at_ms=at_ms)
