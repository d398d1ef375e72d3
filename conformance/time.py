"""Area `time`: every time in a BIGINT column is in milliseconds, and now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import psycopg

from pytest_chopsticks.implementations import Driver, Implementation, new_token_key
from pytest_chopsticks.requirements import checks, not_claimed
from pytest_chopsticks.violation import Violation

from .agent_registration import make_pool, registration
from .answers import ask
from .clocks import expect_now, now_ms
from .identities import agent_id, snowflake
from .table_rows import rows_of

#: The columns that hold times as BIGINT.
_TIMES: Mapping[str, tuple[str, ...]] = {
    "agent_bots": ("created_at", "updated_at"),
    "agent_pools": ("created_at", "updated_at"),
    "agent_runners": ("last_seen",),
    "user_wallets": ("created_at", "updated_at"),
    "transaction_log": ("timestamp",),
    "user_inventory": ("acquired_at",),
    "user_streaks": ("last_daily", "last_weekly"),
}
_USER, _OTHER = snowflake(1), snowflake(2)


@checks("time.milliseconds")
def test_milliseconds(
    driver: Driver, observer: psycopg.Connection[Any], implementation: Implementation
) -> None:
    claimed = [call for call in _calls() if call[0] in implementation.claims]
    if not claimed:
        not_claimed("no operation that writes a time into a BIGINT column")
    if "agents.register" in implementation.claims:
        make_pool(observer)
        # What the suite wrote itself is judged like the rest, and found in order.
    for operation, arguments in claimed:
        ask(driver, operation, **arguments)
        for table, columns in _TIMES.items():
            for row in rows_of(observer, table):
                _expect_times(operation, table, row, columns)


def _expect_times(
    operation: str, table: str, row: Mapping[str, Any], columns: tuple[str, ...]
) -> None:
    for column in columns:
        if row[column] is not None:
            expect_now(row[column], f"{table}.{column} after {operation}")
    if "updated_at" in columns and row["updated_at"] < row["created_at"]:
        raise Violation(
            expected=f"{table}.updated_at is not before created_at after {operation}",
            actual=f"{row['updated_at']} is before {row['created_at']}",
        )


def _calls() -> list[tuple[str, Mapping[str, object]]]:
    """Operations that write times, the second of a table also where the row was there before."""
    paid: dict[str, object] = {"user_id": _USER, "amount": 10, "reason": "time"}
    moved: dict[str, object] = {"from_user": _USER, "to_user": _OTHER, "amount": 1}
    pool = {"owner_user_id": _USER, "name": "A pool", "visibility": "public"}
    item = {"user_id": _USER, "item_id": "clock", "quantity": 2}
    return [
        ("pools.create", {"pool_id": "pool_time", **pool}),
        ("agents.register", registration(1)),
        ("agents.set_status", {"agent_id": agent_id(1), "status": "inactive"}),
        ("agents.rotate_key", {"new_key": asdict(new_token_key("key-2"))}),
        ("runners.heartbeat", {"runner_id": "r1", "at_ms": now_ms()}),
        ("runners.heartbeat", {"runner_id": "r1", "at_ms": now_ms()}),
        ("wallets.credit", paid),
        ("wallets.credit", paid),
        ("wallets.debit", {**paid, "amount": 1}),
        ("wallets.transfer", {**moved, "reason": "time"}),
        ("wallets.deposit", {"user_id": _USER, "amount": 2}),
        ("wallets.withdraw", {"user_id": _USER, "amount": 1}),
        ("inventory.add", item),
        ("inventory.add", item),
        ("inventory.remove", {**item, "quantity": 1}),
        ("streaks.claim", {"user_id": _USER, "kind": "daily", "at_ms": now_ms()}),
        ("streaks.claim", {"user_id": _USER, "kind": "weekly", "at_ms": now_ms()}),
    ]
