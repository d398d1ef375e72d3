"""Area `settings`: a guild's document, and the revision that guards it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import psycopg

from pytest_chopsticks import strategies
from pytest_chopsticks.implementations import Accepted, Driver
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.run import Run
from pytest_chopsticks.violation import Violation

from .answers import ask, attempt, expect_refusal, expect_rejected
from .clocks import wait_for_another_second
from .examples import examples
from .fixtures import Crew
from .identities import snowflake
from .json_values import lost_keys
from .overlapping import Meeting
from .rejection_names import Expectation, expect_names
from .table_rows import row_of

_TABLE, _SAVE = "guild_settings", "settings.save"
_SAVERS = 4
_DEPTH = 30
_LEFT_OUT = "left out of the next save"
_ALWAYS: tuple[dict[str, Any], ...] = (
    {"prefix": "!", "autorole": {"roles": [{"id": "1", "after": [1, None]}]}},
    {"largest": 2**53 - 1, "smallest": 1 - 2**53, "beyond 32 bits": [2**31, 2**32 + 1]},
    {"prefix": "", "autorole": {}, "roles": []},
    {"fractions": [2**-20, 1234.5678, -0.1]},
    {"✓ 日本語 🐉": "e\u0301 is not \u00e9", "": "no name", "autorole": False, "none": None},
    {"deep": json.loads('{"in": [' * _DEPTH + "1" + "]}" * _DEPTH)},
)


@checks("settings.round-trip")
def test_round_trip(driver: Driver, observer: psycopg.Connection[Any], run: Run) -> None:
    drawn = examples(run, strategies.json_settings(), 25)
    for number, data in enumerate([*_ALWAYS, *drawn]):
        guild_id = snowflake(number)
        _expect_saved(driver, observer, guild_id, data, rev=0)
    _expect_replaced(driver, observer, snowflake(number + 1))
    # What an update does to a document need not be what an insert does.
    for rev, data in enumerate(_ALWAYS):
        _expect_saved(driver, observer, snowflake(number + 2), data, rev=rev)


@checks("settings.revision")
def test_revision(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    guild_id = snowflake(1)
    _expect_rev(ask(driver, "settings.get", guild_id=guild_id)["rev"], 0, "an unknown guild")
    save = partial(expect_rejected, driver, observer, guild_id=guild_id, data={"prefix": "?"})
    save("a first save that expects revision 1", _SAVE, expected_rev=1)
    for rev in (1, 2, 3):
        data = {"prefix": "!" * rev}
        answer = ask(driver, _SAVE, guild_id=guild_id, data=data, expected_rev=rev - 1)
        _expect_rev(answer["rev"], rev, f"the answer to save {rev}")
        _expect_rev(row_of(observer, _TABLE, guild_id=guild_id)["rev"], rev, f"save {rev}")
        _expect_rev(ask(driver, "settings.get", guild_id=guild_id)["rev"], rev, f"save {rev}")
    for expected in (0, 2, 4):
        what = f"a save that expects revision {expected} while it is 3"
        save(what, _SAVE, expected_rev=expected)


@checks("settings.concurrent-saves")
def test_concurrent_saves(crew: Crew, meeting: Meeting, observer: psycopg.Connection[Any]) -> None:
    drivers, guild_id = crew(_SAVERS), snowflake(1)
    for rev, lock in (
        (0, "INSERT INTO guild_settings (guild_id, data) VALUES (%s, '{}')"),
        (1, "SELECT 1 FROM guild_settings WHERE guild_id = %s FOR UPDATE"),
    ):
        saved = [{"from": f"saver {number} at {rev}"} for number in range(_SAVERS)]
        calls = [
            partial(attempt, one, _SAVE, guild_id=guild_id, data=data, expected_rev=rev)
            for one, data in zip(drivers, saved, strict=True)
        ]
        answers = meeting.overlap(calls, lock, guild_id)
        winners = [number for number, one in enumerate(answers) if isinstance(one, Accepted)]
        for answer in answers:
            if not isinstance(answer, Accepted):
                expect_refusal(answer, "a save that another one came before")
        if len(winners) != 1:
            raise Violation(
                expected=f"one of {_SAVERS} saves at once that all expect revision {rev} wins",
                actual=f"{len(winners)} are accepted",
            )
        row = row_of(observer, _TABLE, guild_id=guild_id)
        _expect_rev(row["rev"], rev + 1, "saves at once")
        if lost_keys(saved[winners[0]], row["data"]):
            raise Violation(expected="what the accepted save gave is stored", actual="it is not")


@checks("settings.updated-at")
def test_updated_at(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    guild_id = snowflake(1)
    ask(driver, _SAVE, guild_id=guild_id, data={}, expected_rev=0)
    before = row_of(observer, _TABLE, guild_id=guild_id)["updated_at"]
    wait_for_another_second()
    ask(driver, _SAVE, guild_id=guild_id, data={"prefix": "!"}, expected_rev=1)
    after = row_of(observer, _TABLE, guild_id=guild_id)["updated_at"]
    if after <= before:
        raise Violation(
            expected=f"updated_at of a guild's settings moves forward from {before}",
            actual=f"after the next save it is {after}",
        )


@checks("settings.rejection-names")
def test_rejection_names(driver: Driver) -> None:
    stale = {"guild_id": snowflake(1), "data": {}, "expected_rev": 7}
    first: dict[str, Any] = {"guild_id": snowflake(3), "data": {}, "expected_rev": 0}
    second = {**first, "expected_rev": 1}
    for save in (first, second):
        ask(driver, _SAVE, **save)
    nul = {"guild_id": snowflake(2), "data": {"prefix": "\0"}, "expected_rev": 0}
    expect_names(
        driver,
        [
            Expectation("a stale revision", ("stale_revision",), _SAVE, stale),
            Expectation("a first save again", ("stale_revision",), _SAVE, first),
            Expectation("a second save again", ("stale_revision",), _SAVE, second),
            Expectation("U+0000 in a setting", ("invalid_text",), _SAVE, nul),
        ],
    )


def _expect_saved(
    driver: Driver,
    observer: psycopg.Connection[Any],
    guild_id: str,
    data: Mapping[str, Any],
    rev: int,
) -> None:
    ask(driver, _SAVE, guild_id=guild_id, data=data, expected_rev=rev)
    answer = ask(driver, "settings.get", guild_id=guild_id)["data"]
    stored = row_of(observer, _TABLE, guild_id=guild_id)["data"]
    for found, where in ((answer, "settings.get"), (stored, "guild_settings.data")):
        if lost := lost_keys(data, found):
            key = lost[0]
            raise Violation(
                expected=f"{where} has what was saved under {key!r}"
                f" by save {rev + 1}: {data[key]!r:.300}",
                actual=f"{found.get(key, 'nothing')!r:.300}",
            )


def _expect_replaced(driver: Driver, observer: psycopg.Connection[Any], guild_id: str) -> None:
    """Expect a key that a save leaves out, and that no implementation adds, to be gone."""
    for rev, data in enumerate(({"prefix": "!", _LEFT_OUT: {"a": 1}}, {"prefix": "!"})):
        ask(driver, _SAVE, guild_id=guild_id, data=data, expected_rev=rev)
    answer = ask(driver, "settings.get", guild_id=guild_id)["data"]
    stored = row_of(observer, _TABLE, guild_id=guild_id)["data"]
    for found, where in ((answer, "settings.get"), (stored, "guild_settings.data")):
        if _LEFT_OUT in found:
            raise Violation(
                expected=f"{where} has no {_LEFT_OUT!r} after a save without it",
                actual="it still has it: settings are replaced, and these were merged",
            )


def _expect_rev(found: object, expected: int, after: str) -> None:
    if found != expected:
        raise Violation(expected=f"revision {expected} after {after}", actual=f"revision {found}")
