"""Area `inventory`: one row per user and item, while there is at least one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from pytest_chopsticks.implementations import Accepted, Driver
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.violation import Violation

from .answers import Answer, ask, attempt, expect_refusal, expect_rejected, result_of
from .fixtures import Crew
from .identities import snowflake
from .json_values import lost_keys
from .overlapping import Meeting
from .rejection_names import Expectation, expect_names
from .table_rows import contents, expect_same_contents, row_of, rows_of

_TABLE, _ADD, _REMOVE = "user_inventory", "inventory.add", "inventory.remove"
_USER = snowflake(1)
_MOST = 2**31 - 1
_AT_ONCE = 4
_METADATA = {"engraved": "Mochi"}
_HOLD = "SELECT 1 FROM user_inventory WHERE user_id = %s AND item_id = %s FOR UPDATE"
_HOLD_NEW = "INSERT INTO user_inventory (user_id, item_id, acquired_at) VALUES (%s, %s, 1)"


@checks("inventory.no-lost-updates")
def test_no_lost_updates(
    driver: Driver, crew: Crew, meeting: Meeting, observer: psycopg.Connection[Any]
) -> None:
    drivers = crew(_AT_ONCE)
    for hold, before in ((_HOLD_NEW, 0), (_HOLD, _AT_ONCE)):
        answers = meeting.overlap(_calls(drivers, [_ADD] * _AT_ONCE, "egg"), hold, _USER, "egg")
        for answer in answers:
            result_of(answer, f"adding an item {_AT_ONCE} times at once")
        what = f"{_AT_ONCE} additions at once to {before or 'nothing'}"
        _expect_quantity(observer, "egg", before + _AT_ONCE, what)

    ask(driver, _ADD, **_items("tea", 2))
    answers = meeting.overlap(_calls(drivers, [_REMOVE] * _AT_ONCE, "tea"), _HOLD, _USER, "tea")
    _expect_quantity(observer, "tea", 2 - _removed(answers, 2), "removals at once")

    for number in range(3):
        ask(driver, _ADD, **_items(f"last{number}", 1))
        calls = _calls(drivers, [_REMOVE, _ADD], f"last{number}")
        for answer in meeting.overlap(calls, _HOLD, _USER, f"last{number}"):
            result_of(answer, "adding an item while the last one is removed, and removing it")
        _expect_quantity(observer, f"last{number}", 1, "one addition and one removal at once")


@checks("inventory.stacking")
def test_stacking(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    for operation, quantity, after in ((_ADD, 2, 2), (_ADD, 3, 5), (_REMOVE, 1, 4)):
        ask(driver, operation, **_items("sword", quantity))
        _expect_quantity(observer, "sword", after, f"{operation} of {quantity}")
    keep = "UPDATE user_inventory SET metadata = %s WHERE user_id = %s AND item_id = 'sword'"
    observer.execute(keep, [Jsonb(_METADATA), _USER])
    for operation in (_ADD, _REMOVE):
        ask(driver, operation, **_items("sword", 1))
        found = row_of(observer, _TABLE, user_id=_USER, item_id="sword")["metadata"]
        if lost_keys(_METADATA, found):
            raise Violation(
                expected=f"{operation} leaves the metadata {_METADATA} of what is there",
                actual=f"it is {found!r}",
            )
    for wrong in (-1, 1.5, _MOST + 1, 2**63):
        for operation in (_ADD, _REMOVE):
            what = f"{operation} of {wrong} to 4"
            expect_rejected(driver, observer, what, operation, **_items("sword", wrong))
    expect_rejected(driver, observer, "removing 5 of 4", _REMOVE, **_items("sword", 5))
    expect_rejected(driver, observer, "removing 1 of none", _REMOVE, **_items("shield", 1))
    for operation in (_ADD, _REMOVE):
        before = contents(observer)
        answer = attempt(driver, operation, **_items("sword", 0))
        if not isinstance(answer, Accepted):
            expect_refusal(answer, f"{operation} of 0")
        expect_same_contents(before, contents(observer), f"{operation} of 0")
    ask(driver, _REMOVE, **_items("sword", 4))
    _expect_quantity(observer, "sword", 0, "removing 4 of 4")
    ask(driver, _ADD, **_items("coin", _MOST))
    what = "adding 1 to as many as INTEGER holds"
    expect_rejected(driver, observer, what, _ADD, **_items("coin", 1))


@checks("inventory.rejection-names")
def test_rejection_names(driver: Driver) -> None:
    ask(driver, _ADD, **_items("coin", _MOST))
    wrong, too_few = ("invalid_quantity",), ("insufficient_quantity",)
    expect_names(
        driver,
        [
            Expectation("a negative quantity", wrong, _ADD, _items("coin", -1)),
            Expectation("a fraction", wrong, _ADD, _items("coin", 1.5)),
            Expectation("removing a negative quantity", wrong, _REMOVE, _items("coin", -1)),
            Expectation("removing what is not there", too_few, _REMOVE, _items("egg", 1)),
            Expectation("one too many", ("overflow",), _ADD, _items("coin", 1)),
        ],
    )


def _items(item_id: str, quantity: float) -> dict[str, object]:
    return {"user_id": _USER, "item_id": item_id, "quantity": quantity}


def _calls(
    drivers: Sequence[Driver], operations: Sequence[str], item_id: str
) -> list[partial[Answer]]:
    """One call a driver, each of one item."""
    pairs = zip(drivers, operations, strict=False)
    return [partial(attempt, one, operation, **_items(item_id, 1)) for one, operation in pairs]


def _removed(answers: Sequence[Answer], there: int) -> int:
    accepted = [answer for answer in answers if isinstance(answer, Accepted)]
    for answer in answers:
        if not isinstance(answer, Accepted):
            expect_refusal(answer, f"removing one too many of {there}")
    if len(accepted) != there:
        raise Violation(
            expected=f"{there} of {len(answers)} removals at once of {there} items are accepted",
            actual=f"{len(accepted)} are",
        )
    return len(accepted)


def _expect_quantity(
    observer: psycopg.Connection[Any], item_id: str, quantity: int, after: str
) -> None:
    rows = [row["quantity"] for row in rows_of(observer, _TABLE, user_id=_USER, item_id=item_id)]
    if rows != ([quantity] if quantity else []):
        expected = f"one row with quantity {quantity}" if quantity else "no row"
        raise Violation(
            expected=f"{expected} after {after}",
            actual=f"rows with quantities {', '.join(map(str, rows))}" if rows else "no row",
        )
