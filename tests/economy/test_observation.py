"""A look that reads only what was added says the same as one that reads everything."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pytest_chopsticks.economy.observation import Observer

Connection = psycopg.Connection[Any]

USERS = ("alice", "bob")

INSERT = "INSERT INTO transaction_log (id, from_user, to_user, amount, reason, timestamp) VALUES "
#: What may happen between two looks, to the log of alice (rows 1 and 2) and of a stranger (row 3).
WRITES = {
    "a row is added": INSERT + "(10, NULL, 'bob', 5, 'daily', 0)",
    "a stranger's row is added": INSERT + "(10, NULL, 'x', 5, 'y', 0)",
    "a row is added before": INSERT + "(-1, NULL, 'bob', 5, 'daily', 0)",
    "a row is updated to the same": "UPDATE transaction_log SET amount = amount WHERE id = 1",
    "a row is deleted": "DELETE FROM transaction_log WHERE id = 1",
    "a row is written anew": "UPDATE transaction_log SET id = 10 WHERE id = 1",
    "a stranger's row is updated": "UPDATE transaction_log SET amount = 1 WHERE id = 3",
    "a stranger's row changes hands": "UPDATE transaction_log SET to_user = 'bob' WHERE id = 3",
    "the log is emptied": "DELETE FROM transaction_log",
    "a wallet changes": "UPDATE user_wallets SET balance = 1",
}


@pytest.fixture
def unprotected(connection: Connection) -> Connection:
    for trigger, table in connection.execute(
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    ).fetchall():
        connection.execute(f"DROP TRIGGER {trigger} ON {table}".encode())
    connection.execute(
        f"{INSERT} (1, NULL, 'alice', 70, 'daily', 0), (2, 'alice', 'bob', 20, 'gift', 0),"
        " (3, NULL, 'stranger', 9, 'daily', 0)".encode()
    )
    connection.execute(
        "INSERT INTO user_wallets (user_id, balance, created_at, updated_at)"
        " VALUES ('alice', 50, 0, 0), ('bob', 20, 0, 0)"
    )
    return connection


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_later_look_sees_all(unprotected: Connection, write: str) -> None:
    observer = Observer(unprotected)
    before = observer.observe(USERS)
    unprotected.execute(write.encode())
    after = observer.observe(USERS, before)
    assert after == observer.observe(USERS)
    assert after != before


@pytest.mark.parametrize("write", [one for what, one in WRITES.items() if "stranger" in what])
def test_what_strangers_have_is_digested(unprotected: Connection, write: str) -> None:
    observer = Observer(unprotected)
    before = observer.observe(USERS)
    unprotected.execute(write.encode())
    assert observer.observe(USERS, before).others_log != before.others_log


def test_nothing_happens(unprotected: Connection) -> None:
    observer = Observer(unprotected)
    before = observer.observe(USERS)
    assert observer.observe(USERS, before) == before


def test_the_log_is_not_read_again(unprotected: Connection) -> None:
    before = Observer(unprotected).observe(USERS)
    after = Observer(unprotected).observe(USERS, before)
    assert all(row is known for row, known in zip(after.log, before.log, strict=True))
