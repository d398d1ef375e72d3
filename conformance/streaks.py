"""Area `streaks`: claims in a row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg

from pytest_chopsticks.implementations import Accepted, Driver
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.violation import Violation

from .answers import ask, attempt, expect_refusal, expect_rejected
from .clocks import DAY_MS, SECOND_MS, now_ms_within_a_day
from .fixtures import Crew
from .identities import snowflake
from .overlapping import Meeting
from .rejection_names import Expectation, expect_names
from .table_rows import Row, insert, row_of, rows_of

_CLAIM = "streaks.claim"
_PERIODS = {"daily": DAY_MS, "weekly": 7 * DAY_MS}
_LEAST, _MOST = Decimal("1.00"), Decimal("5.00")
_AT_ONCE = 3


@checks("streaks.invariants")
def test_invariants(
    driver: Driver, crew: Crew, meeting: Meeting, observer: psycopg.Connection[Any]
) -> None:
    for number, (kind, period) in enumerate(_PERIODS.items()):
        users = [snowflake(10 * number + n) for n in range(6)]
        _claim(driver, observer, users[0], kind, streak=1, longest=1, told="the first claim")
        expect_rejected(driver, observer, f"a second {kind} claim", _CLAIM, **_now(users[0], kind))

        for user, (before, longest) in zip(users[1:3], ((5, 50), (10_000, 10_000)), strict=True):
            _claimed_before(observer, user, kind, period + SECOND_MS, before, longest)
            told = f"a {kind} claim one period and a second after claim {before}"
            after = max(longest, before + 1)
            _claim(driver, observer, user, kind, streak=before + 1, longest=after, told=told)

        _claimed_before(observer, users[3], kind, 3 * period, 5, 50)
        told = f"a {kind} claim three periods after claim 5"
        _claim(driver, observer, users[3], kind, streak=1, longest=50, told=told)

        _claimed_before(observer, users[4], kind, SECOND_MS, 5, 50)
        what = f"a {kind} claim a second after the last"
        expect_rejected(driver, observer, what, _CLAIM, **_now(users[4], kind))

        _claimed_before(observer, users[5], kind, -3 * period, 5, 50)
        what = f"a {kind} claim before the last one, as after the clock was put back"
        expect_rejected(driver, observer, what, _CLAIM, **_now(users[5], kind))
    _expect_one_of_claims_at_once(crew, meeting, observer)


@checks("streaks.rejection-names")
def test_rejection_names(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    claimed, ahead = snowflake(1), snowflake(2)
    _claimed_before(observer, claimed, "daily", SECOND_MS, 1, 1)
    _claimed_before(observer, ahead, "daily", -3 * DAY_MS, 1, 1)
    again, earlier = _now(claimed, "daily"), _now(ahead, "daily")
    # The other kind of streak was claimed a second ago.
    weekly = _now(claimed, "weekly")
    expect_names(
        driver,
        [
            Expectation("a second claim", ("already_claimed",), _CLAIM, again),
            Expectation("a second weekly claim", ("already_claimed",), _CLAIM, weekly),
            Expectation("a claim before the last", ("clock_went_back",), _CLAIM, earlier),
        ],
    )


def _expect_one_of_claims_at_once(
    crew: Crew, meeting: Meeting, observer: psycopg.Connection[Any]
) -> None:
    user = snowflake(99)
    _claimed_before(observer, user, "daily", DAY_MS + SECOND_MS, 5, 50)
    calls = [partial(attempt, one, _CLAIM, **_now(user, "daily")) for one in crew(_AT_ONCE)]
    lock = "SELECT 1 FROM user_streaks WHERE user_id = %s FOR UPDATE"
    answers = meeting.overlap(calls, lock, user)
    for answer in answers:
        if not isinstance(answer, Accepted):
            expect_refusal(answer, "a daily claim that another one came before")
    accepted = sum(isinstance(answer, Accepted) for answer in answers)
    streak = row_of(observer, "user_streaks", user_id=user)["daily_streak"]
    if accepted != 1 or streak != 6:
        raise Violation(
            expected=f"one of {_AT_ONCE} daily claims at once is accepted, and makes 5 in a row 6",
            actual=f"{accepted} are accepted, and the streak is {streak}",
        )


def _claim(
    driver: Driver,
    observer: psycopg.Connection[Any],
    user_id: str,
    kind: str,
    *,
    streak: int,
    longest: int,
    told: str,
) -> None:
    """Claim, which has to be accepted, and compare the answer and the row with what is right."""
    before = rows_of(observer, "user_streaks", user_id=user_id)
    answer = ask(driver, _CLAIM, **_now(user_id, kind))
    row = row_of(observer, "user_streaks", user_id=user_id)
    stored = {
        "streak": row[f"{kind}_streak"],
        "longest": row[f"longest_{kind}"],
        "multiplier": row["streak_multiplier"],
    }
    for found, where in ((stored, "stored"), (answer, "answered")):
        for name, expected in (("streak", streak), ("longest", longest)):
            if found[name] != expected:
                raise Violation(
                    expected=f"{told} makes {name} {expected}", actual=f"{found[name]} is {where}"
                )
        if not _LEAST <= found["multiplier"] <= _MOST:
            raise Violation(
                expected=f"{told} leaves the multiplier between {_LEAST} and {_MOST}",
                actual=f"{found['multiplier']} is {where}",
            )
    _expect_other_kind(before, row, kind, told)
    if answer["multiplier"] != stored["multiplier"]:
        raise Violation(
            expected=f"{told} answers the multiplier that is stored, {stored['multiplier']}",
            actual=f"it answers {answer['multiplier']}",
        )


def _claimed_before(
    observer: psycopg.Connection[Any],
    user_id: str,
    kind: str,
    ago_ms: int,
    streak: int,
    longest: int,
) -> None:
    """Write what a user has who last claimed so long ago, as an earlier version would have."""
    last = now_ms_within_a_day() - ago_ms
    columns = {f"{kind}_streak": streak, f"longest_{kind}": longest, f"last_{kind}": last}
    insert(observer, "user_streaks", user_id=user_id, **columns, **_of_other_kind(kind))


def _of_other_kind(kind: str) -> dict[str, int]:
    """What a user has of the other kind of streak, which goes on by itself."""
    other = next(one for one in _PERIODS if one != kind)
    last = now_ms_within_a_day() - SECOND_MS
    return {f"{other}_streak": 3, f"longest_{other}": 7, f"last_{other}": last}


def _expect_other_kind(before: Sequence[Row], after: Row, kind: str, told: str) -> None:
    """Expect what there was of the other kind of streak to be as it was."""
    for row in before:
        for column in _of_other_kind(kind):
            if after[column] != row[column]:
                raise Violation(
                    expected=f"{told} leaves {column} {row[column]}",
                    actual=f"it is {after[column]}",
                )


def _now(user_id: str, kind: str) -> dict[str, object]:
    return {"user_id": user_id, "kind": kind, "at_ms": now_ms_within_a_day()}
