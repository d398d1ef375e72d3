"""broken_invariants on whole databases: what is told, of whom, and that it is fast."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pytest_chopsticks.economy import broken_invariants

Connection = psycopg.Connection[Any]


@pytest.fixture
def sound(connection: Connection) -> Connection:
    """A thousand wallets and two thousand rows of the log that explain them."""
    connection.execute(
        "INSERT INTO transaction_log (from_user, to_user, amount, reason, timestamp)"
        " SELECT NULL, 'user' || n, 100, 'daily', 0 FROM generate_series(1, 1000) n"
        " UNION ALL"
        " SELECT 'user' || n, 'user' || (n % 1000 + 1), 30, 'gift', 0"
        " FROM generate_series(1, 1000) n"
    )
    connection.execute(
        "INSERT INTO user_wallets (user_id, balance, bank, total_earned, total_spent, created_at,"
        " updated_at) SELECT 'user' || n, 60, 40, 130, 30, 0, 0 FROM generate_series(1, 1000) n"
    )
    return connection


def broken_after(connection: Connection, statement: str) -> dict[str, str]:
    """What is broken in the whole database, which is what is broken among all its users."""
    connection.execute(statement.encode())
    broken = broken_invariants(connection)
    everyone = [user for (user,) in connection.execute("SELECT user_id FROM user_wallets")]
    assert broken_invariants(connection, everyone) == broken
    return {found.invariant: found.actual for found in broken}


def test_a_sound_database_has_none(sound: Connection) -> None:
    assert broken_invariants(sound) == ()


def test_an_empty_database_has_none(connection: Connection) -> None:
    assert broken_invariants(connection) == ()


def test_money_from_nowhere(sound: Connection) -> None:
    broken = broken_after(
        sound, "UPDATE user_wallets SET balance = balance + 1 WHERE user_id = 'user7'"
    )
    assert broken == {
        "economy.conservation": "balance + bank over all wallets is 100001",
        "economy.replay": "replayed it is 100, in user_wallets it is 101",
        "economy.totals": "total_earned − total_spent is 100000",
    }


def test_money_of_the_wrong_user(sound: Connection) -> None:
    """The sum is right, the wallets are not."""
    broken = broken_after(
        sound,
        "UPDATE user_wallets SET balance = balance + CASE user_id WHEN 'user7' THEN 5 ELSE -5 END"
        " WHERE user_id IN ('user7', 'user8')",
    )
    assert set(broken) == {"economy.replay"}


def test_a_bank_above_its_capacity(sound: Connection) -> None:
    broken = broken_after(
        sound, "UPDATE user_wallets SET bank_capacity = 39 WHERE user_id = 'user7'"
    )
    assert broken == {"economy.bank-within-capacity": "it holds 40"}


def test_a_negative_balance(sound: Connection) -> None:
    sound.execute("ALTER TABLE user_wallets DROP CONSTRAINT user_wallets_balance_check")
    broken = broken_after(
        sound, "UPDATE user_wallets SET balance = -1, bank = 101 WHERE user_id = 'user7'"
    )
    assert broken == {"economy.never-negative": "balance -1, bank 101"}


def test_totals_that_do_not_add_up(sound: Connection) -> None:
    broken = broken_after(sound, "UPDATE user_wallets SET total_spent = 0 WHERE user_id = 'user7'")
    assert broken == {"economy.totals": "total_earned − total_spent is 100030"}


def test_five_are_told_of_many(sound: Connection) -> None:
    sound.execute("UPDATE user_wallets SET bank = bank + 1")
    replay = [one for one in broken_invariants(sound) if one.invariant == "economy.replay"]
    assert len(replay) == 5


def test_a_name_for_the_outside_needs_no_wallet(sound: Connection) -> None:
    sound.execute("UPDATE transaction_log SET from_user = 'system' WHERE from_user IS NULL")
    assert broken_invariants(sound, outside=["system"]) == ()
    assert [one.invariant for one in broken_invariants(sound)] == [
        "economy.conservation",
        "economy.replay",
    ]


def test_some_users_are_judged_by_themselves(sound: Connection) -> None:
    sound.execute("UPDATE user_wallets SET balance = 0 WHERE user_id = 'user7'")
    assert broken_invariants(sound, ["user7"]) != ()
    assert broken_invariants(sound, ["nobody"]) == ()
