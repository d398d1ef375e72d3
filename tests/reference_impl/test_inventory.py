"""Inventory: one row per item while there is any."""

from functools import partial
from typing import Any

import pytest

from reference_impl import Implementation
from reference_impl.inventory import Inventory

from .concurrency import answers
from .conftest import Observer
from .rejected import rejected

ROWS = "SELECT user_id, item_id, quantity FROM user_inventory"


@pytest.fixture
def inventory(implementation: Implementation) -> Inventory:
    return implementation.inventory


def test_adding_stacks(inventory: Inventory, observer: Observer) -> None:
    inventory.add(user_id="1", item_id="rod", quantity=2)
    inventory.add(user_id="1", item_id="rod", quantity=3)

    assert observer.rows(ROWS) == [("1", "rod", 5)]


def test_removing_lowers_and_the_last_removal_deletes(
    inventory: Inventory, observer: Observer
) -> None:
    inventory.add(user_id="1", item_id="rod", quantity=3)

    inventory.remove(user_id="1", item_id="rod", quantity=1)
    assert observer.rows(ROWS) == [("1", "rod", 2)]

    inventory.remove(user_id="1", item_id="rod", quantity=2)
    assert observer.rows(ROWS) == []


@pytest.mark.parametrize("item_id", ["rod", "unknown"])
def test_more_than_there_is_cannot_be_removed(
    inventory: Inventory, observer: Observer, item_id: str
) -> None:
    inventory.add(user_id="1", item_id="rod", quantity=3)

    with rejected("insufficient_quantity"):
        inventory.remove(user_id="1", item_id=item_id, quantity=4)

    assert observer.rows(ROWS) == [("1", "rod", 3)]


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "1", True, None, 2**31])
def test_a_quantity_is_a_whole_number_from_one(inventory: Inventory, quantity: Any) -> None:
    with rejected("invalid_quantity"):
        inventory.add(user_id="1", item_id="rod", quantity=quantity)
    with rejected("invalid_quantity"):
        inventory.remove(user_id="1", item_id="rod", quantity=quantity)


def test_overflow_is_refused(inventory: Inventory, observer: Observer) -> None:
    inventory.add(user_id="1", item_id="rod", quantity=2**31 - 1)

    with rejected("overflow"):
        inventory.add(user_id="1", item_id="rod", quantity=1)

    assert observer.rows(ROWS) == [("1", "rod", 2**31 - 1)]


def test_concurrent_adds_and_removes_add_up(inventory: Inventory, observer: Observer) -> None:
    """Around zero, so that the item appears and is used up again and again."""
    calls = [
        partial(inventory.add if n % 2 else inventory.remove, "1", "rod", 1) for n in range(300)
    ]

    answered = answers(calls)

    added = 150
    removed = answered[0::2].count(None)
    assert set(answered[1::2]) == {None}
    assert set(answered[0::2]) <= {None, "insufficient_quantity"}
    held = sum(quantity for _, _, quantity in observer.rows(ROWS))
    assert held == added - removed
