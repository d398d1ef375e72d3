"""The search for an order: small histories, explained or not."""

from __future__ import annotations

from pathlib import Path

from pytest_chopsticks.bundled.conformance.histories import Event, History, Kind
from pytest_chopsticks.bundled.conformance.serial_order import (
    Explained,
    GaveUp,
    Unexplained,
    find_order,
)

from pytest_chopsticks.economy.observation import Holdings

ALICE = "175928840000000001"


def event(
    operation: str, amount: int, kind: Kind = "accepted", *, began: int = 0, ended: int = 10
) -> Event:
    arguments = {"user_id": ALICE, "amount": amount}
    return Event(1, f"wallets.{operation}", arguments, began, ended, kind, kind)


def history(*events: Event, start: int = 100, end: int, bank: int = 0) -> History:
    return History(
        0, {ALICE: "alice"}, {ALICE: Holdings(start)}, events, {ALICE: Holdings(end, bank)}
    )


def test_overlapping_operations_may_come_in_any_order() -> None:
    """The debit of 150 is possible only after the credit, which began later."""
    debit, credit = event("debit", 150), event("credit", 50, began=5)
    assert find_order(history(debit, credit, end=0)) == Explained((credit, debit))


def test_what_had_ended_comes_before_what_began_later() -> None:
    debit = event("debit", 150, began=0, ended=3)
    found = find_order(history(debit, event("credit", 50, began=5), end=0))
    assert found == Unexplained((), ("#1 was accepted, but the balance is 100",))


def test_money_spent_twice_has_no_order() -> None:
    found = find_order(history(event("debit", 100), event("debit", 100), end=0))
    assert isinstance(found, Unexplained)
    assert len(found.longest) == 1


def test_a_rejection_needs_a_moment_when_it_was_right() -> None:
    refused = event("debit", 60, "rejected")
    assert isinstance(find_order(history(refused, event("debit", 50), end=50)), Explained)
    found = find_order(history(refused, event("credit", 50), end=150))
    assert isinstance(found, Unexplained)
    assert "#1 was rejected, but nothing speaks against it" in found.reasons


def test_the_final_state_has_to_be_reached() -> None:
    found = find_order(history(event("deposit", 30), end=80, bank=20))
    assert isinstance(found, Unexplained)
    assert found.reasons == ("alice would have balance 70 and bank 30, and has 80 and 20",)


def test_a_fault_may_have_had_its_effect_or_not() -> None:
    for end in (100, 40):
        assert isinstance(find_order(history(event("debit", 60, "fault"), end=end)), Explained)


def test_a_search_that_is_too_long_says_so() -> None:
    many = [event("credit", number) for number in range(1, 12)]
    assert find_order(history(*many, end=0), most_states=100) == GaveUp(100)


def test_a_saved_history_is_judged_the_same(tmp_path: Path) -> None:
    twice = history(event("debit", 100), event("debit", 100), end=0)
    assert find_order(History.load(twice.save(tmp_path, "twice"))) == find_order(twice)
