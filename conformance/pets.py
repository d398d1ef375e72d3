"""Area `pets`: who has which, and how they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import psycopg

from pytest_chopsticks.implementations import Driver
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.violation import Violation

from .answers import ask
from .clocks import wait_for_another_second
from .identities import snowflake
from .json_values import lost_keys
from .rejection_names import Expectation, expect_names
from .table_rows import Row, row_of

_STATS: dict[str, Any] = {"hunger": 3, "mood": "\u2728", "skills": [{"jump": True}], "age": 1.5}
_LATER: dict[str, Any] = {"hunger": 0, "mood": None}


@checks("pets.round-trip")
def test_round_trip(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    user = {"user_id": snowflake(1), "pet_type": "cat"}
    pet = _adopt(driver, **user, name="Mochi", stats=_STATS)
    _expect_pet(observer, pet, _STATS, **user, name="Mochi")
    plain = _adopt(driver, **user)
    row = _expect_pet(observer, plain, {}, **user)
    if not isinstance(row["stats"], dict):
        raise Violation(
            expected="a pet that is adopted without stats has an object",
            actual=f"stats is {row['stats']!r}",
        )
    adopted = row_of(observer, "user_pets", id=pet)["updated_at"]
    wait_for_another_second()
    _update(driver, observer, pet, adopted, stats=_LATER)
    _expect_pet(observer, pet, _LATER, **user, name="Mochi")
    _update(driver, observer, pet, adopted, name="Daifuku")
    _expect_pet(observer, pet, _LATER, **user, name="Daifuku")
    if row_of(observer, "user_pets", id=plain) != row:
        raise Violation(
            expected="updating a pet leaves the user's other pets as they are",
            actual="another pet was changed",
        )


@checks("pets.rejection-names")
def test_rejection_names(driver: Driver) -> None:
    nobody = {"id": 999_999_999, "name": "Nobody"}
    expect_names(driver, [Expectation("no such pet", ("unknown_pet",), "pets.update", nobody)])


def _adopt(driver: Driver, **arguments: object) -> int:
    return int(ask(driver, "pets.adopt", **arguments)["id"])


def _update(
    driver: Driver,
    observer: psycopg.Connection[Any],
    pet: int,
    adopted: datetime,
    **arguments: object,
) -> None:
    # As if the last change had been before that: a clock may be coarser than changes are fast.
    query = "UPDATE user_pets SET updated_at = %s - interval '1 minute' WHERE id = %s"
    observer.execute(query, [adopted, pet])
    before = row_of(observer, "user_pets", id=pet)
    ask(driver, "pets.update", id=pet, **arguments)
    after = row_of(observer, "user_pets", id=pet)
    if after["created_at"] != before["created_at"]:
        raise Violation(
            expected=f"created_at of a pet stays {before['created_at']}",
            actual=f"after an update it is {after['created_at']}",
        )
    if after["updated_at"] <= adopted:
        raise Violation(
            expected=f"updated_at of a pet moves forward from {adopted}",
            actual=f"after an update it is {after['updated_at']}",
        )


def _expect_pet(
    observer: psycopg.Connection[Any], pet: int, stats: dict[str, Any], **columns: object
) -> Row:
    row = row_of(observer, "user_pets", id=pet)
    for column, value in columns.items():
        if row[column] != value:
            raise Violation(
                expected=f"user_pets.{column} is {value!r}", actual=f"it is {row[column]!r}"
            )
    if lost := lost_keys(stats, row["stats"]):
        raise Violation(
            expected=f"user_pets.stats has {lost[0]!r} = {stats[lost[0]]!r}",
            actual=f"stats is {row['stats']!r}",
        )
    return row
