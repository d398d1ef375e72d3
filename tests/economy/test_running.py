"""run_economy on code of one's own: silent on correct code, a story on broken code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.economy import InvariantBroken, run_economy
from pytest_chopsticks.economy.findings import ONE_ROW
from tests.economy.small_wallets import Row, Wallets

Connection = psycopg.Connection[Any]


class ForgetsLog(Wallets):
    """Transfers without a word in the log."""

    def log(self, sender: str | None, receiver: str | None, amount: int, reason: str) -> None:
        if sender is None or receiver is None:
            super().log(sender, receiver, amount, reason)


class TakesAFee(Wallets):
    """Takes one coin more than it says."""

    def pay(self, wallets: Mapping[str, Row], user: str, amount: int) -> None:
        super().pay(wallets, user, amount + 1)


def test_correct_code_passes(connection: Connection) -> None:
    run_economy(Wallets(connection), connection)


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
