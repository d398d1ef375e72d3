"""Claims that count when they should not, or do not count as they should."""

from __future__ import annotations

from .reference_variant import mutant

_STREAKS = "streaks.py"
_STORED = "{last} = %s, {streak} = %s, {longest} = %s, streak_multiplier = %s"

MUTANTS = (
    mutant(
        "streaks.invariants",
        "any time counts",
        (_STREAKS, "if at_ms < last_ms + period:", "if False:"),
        says=("a second daily claim is rejected", "it is accepted"),
    ),
    mutant(
        "streaks.invariants",
        "six times as much",
        (_STREAKS, "min(1 + MULTIPLIER_STEP * (current + other), MAX_MULTIPLIER)", "6"),
        statements=(
            "ALTER TABLE user_streaks DROP CONSTRAINT user_streaks_streak_multiplier_check",
        ),
        says="leaves the multiplier between",
    ),
    mutant(
        "streaks.invariants",
        "the clock may go back",
        (
            _STREAKS,
            "if at_ms < last_ms:",
            "if at_ms < last_ms:\n        return current\n    if False:",
        ),
        says="before the last one",
    ),
    mutant(
        "streaks.invariants",
        "streaks never end",
        (
            _STREAKS,
            "return current if at_ms < last_ms + 2 * period else 0",
            "return current",
        ),
        says=("three periods after claim 5 makes streak 1", "6 is"),
    ),
    mutant(
        "streaks.invariants",
        "the longest falls",
        (_STREAKS, "max(longest, current)", "current"),
        says="makes longest 50",
    ),
    mutant(
        "streaks.invariants",
        "weeks are days",
        (_STREAKS, '"weekly": 7 * DAY_MS', '"weekly": DAY_MS'),
        says="a weekly claim",
    ),
    mutant(
        "streaks.invariants",
        "the multiplier has no bound",
        (
            _STREAKS,
            "min(1 + MULTIPLIER_STEP * (current + other), MAX_MULTIPLIER)",
            "1 + MULTIPLIER_STEP * (current + other)",
        ),
        says="streaks.claim is accepted",
    ),
    mutant(
        "streaks.invariants",
        "the answer is not what is stored",
        (_STREAKS, '"multiplier": float(multiplier)', '"multiplier": 2.5'),
        says="answers the multiplier that is stored",
    ),
    mutant(
        "streaks.invariants",
        "two claims at once",
        (
            _STREAKS,
            "FROM user_streaks WHERE user_id = %s FOR UPDATE",
            "FROM user_streaks WHERE user_id = %s",
        ),
        says="daily claims at once",
    ),
    mutant(
        "streaks.rejection-names",
        "another name",
        (_STREAKS, '"clock_went_back"', '"already_claimed"'),
        says="already_claimed instead of clock_went_back",
    ),
    mutant(
        "streaks.rejection-names",
        "too early is told as a wait",
        (_STREAKS, '"already_claimed"', '"cooldown"'),
        says="a second claim: cooldown instead of already_claimed",
    ),
    mutant(
        "streaks.rejection-names",
        "weeks have a name of their own",
        (
            _STREAKS,
            'raise Rejection("already_claimed", ',
            'raise Rejection("already_claimed" if kind == "daily" else "too_early", ',
        ),
        says="a second weekly claim: too_early instead of already_claimed",
    ),
    mutant(
        "streaks.invariants",
        "the other streak starts over",
        (_STREAKS, _STORED, f"{_STORED}, {{other}} = 0"),
        says=("leaves weekly_streak 3", "it is 0"),
    ),
)
