"""run_economy on code of one's own: silent on correct code, a story on broken code."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from pytest_chopsticks.economy import InvariantBroken, economy_machine, run_economy
from pytest_chopsticks.economy.calls import MethodCalls
from pytest_chopsticks.economy.findings import ONE_ROW
from pytest_chopsticks.economy.running import DEFAULT_SETTINGS
from pytest_chopsticks.errors import ImplementationFault
from tests.economy.small_wallets import Wallets

Connection = psycopg.Connection[Any]


class ForgetsLog(Wallets):
    """Transfers without a word in the log."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        if sender is None or receiver is None:
            super().log(sender, receiver, amount, reason)


class BreaksAfterALie(ForgetsLog):
    """Does nothing any more after a transfer without a word in the log."""

    lied = False

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        if self.lied:
            raise RuntimeError("out of order")
        self.lied = sender is not None and receiver is not None
        super().log(sender, receiver, amount, reason)


class LosesTheBank(Wallets):
    def deposit(self, user_id: str, amount: int) -> None:
        raise RuntimeError("there is no bank")


def test_correct_code_passes(connection: Connection) -> None:
    run_economy(Wallets(connection), connection)


def test_a_run_holds_on_to_nothing(connection: Connection) -> None:
    wallets = Wallets(connection)
    alive = weakref.ref(wallets)

    run_economy(wallets, connection, settings=settings(DEFAULT_SETTINGS, max_examples=1))

    del wallets
    gc.collect()
    assert alive() is None


def test_a_machine_is_a_test_of_ones_own(connection: Connection) -> None:
    call = MethodCalls(ForgetsLog(connection))
    machine = economy_machine(call, connection, judged=[ONE_ROW])

    with pytest.raises(InvariantBroken, match="adds one row"):
        run_state_machine_as_test(machine, settings=DEFAULT_SETTINGS)


def test_a_failure_is_a_short_story(connection: Connection) -> None:
    with pytest.raises(InvariantBroken) as raised:
        run_economy(ForgetsLog(connection), connection, judged=[ONE_ROW])
    story = str(raised.value)
    assert raised.value.finding.invariant == ONE_ROW
    assert "\n  1. wallets.credit(user_id=" in story
    assert "  2. wallets.transfer(from_user=" in story
    assert "  3. " not in story
    assert "an accepted wallets.transfer adds one row" in story
    assert "Reproduce: run_economy(…, seed=0)" in story


def test_what_cannot_be_seen_again_is_told_all_the_same(connection: Connection) -> None:
    with pytest.raises(InvariantBroken) as raised:
        run_economy(BreaksAfterALie(connection), connection, judged=[ONE_ROW])

    assert "an accepted wallets.transfer adds one row" in str(raised.value)
    assert any("depends on chance" in note for note in raised.value.__notes__)


def test_an_operation_that_breaks_is_raised_with_its_story(connection: Connection) -> None:
    with pytest.raises(RuntimeError, match="there is no bank") as raised:
        run_economy(LosesTheBank(connection), connection, judged=[ONE_ROW])

    [story] = [note for note in raised.value.__notes__ if note.startswith("Story:")]
    assert "wallets.deposit(user_id=" in story


def test_an_operation_that_is_asked_for_has_to_be_there(connection: Connection) -> None:
    with pytest.raises(ImplementationFault, match=r"object has no wallets\.credit"):
        run_economy(object(), connection, operations=["wallets.credit"])
