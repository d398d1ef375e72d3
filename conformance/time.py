"""Area `time`: every time in a BIGINT column is in milliseconds, and now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import psycopg

from pytest_chopsticks.implementations import Driver, Implementation, new_token_key
from pytest_chopsticks.requirements import checks, not_claimed
from pytest_chopsticks.violation import Violation

from .agent_registration import make_pool, registration
from .answers import ask
from .clocks import expect_now, now_ms, wait_for_another_second
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
#: By column, all that it holds.
_Times = Mapping[str, Sequence[int]]


@checks("time.milliseconds")
def test_milliseconds(
    driver: Driver, observer: psycopg.Connection[Any], implementation: Implementation
) -> None:
    if not any(operation in implementation.claims for operation, _ in _calls(1)):
        not_claimed("no operation that writes a time into a BIGINT column")
    if "agents.register" in implementation.claims:
        make_pool(observer)
        # What the suite wrote itself is judged like the rest, and found in order.
    for operation in _called(driver, implementation, 1):
        _expect_now(observer, operation)
    earlier = _times(observer)
    wait_for_another_second()
    for operation in _called(driver, implementation, 2):
        _expect_now(observer, operation)
        _expect_later(earlier, _times(observer), operation)


def _called(driver: Driver, implementation: Implementation, subject: int) -> Iterator[str]:
    """Call the claimed operations about one user, agent and so on; yield after each."""
    for operation, arguments in _calls(subject):
        if operation in implementation.claims:
            ask(driver, operation, **arguments)
            yield operation


def _expect_now(observer: psycopg.Connection[Any], operation: str) -> None:
    for table, columns in _TIMES.items():
        for row in rows_of(observer, table):
            _expect_times(operation, table, row, columns)


def _expect_later(earlier: _Times, times: _Times, operation: str) -> None:
    """Expect no more old times than there were: what is new was not taken before the operation."""
    for column, found in times.items():
        last = max(earlier[column], default=0)
        if sum(at_ms <= last for at_ms in found) > len(earlier[column]):
            raise Violation(
                expected=f"{column} is the time of {operation}, which was a second after {last}",
                actual=f"it is {max(at_ms for at_ms in found if at_ms <= last)}",
            )


def _times(observer: psycopg.Connection[Any]) -> _Times:
    rows = {table: rows_of(observer, table) for table in _TIMES}
    return {
        f"{table}.{column}": [row[column] for row in rows[table] if row[column] is not None]
        for table, columns in _TIMES.items()
        for column in columns
    }


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


def _calls(subject: int) -> list[tuple[str, Mapping[str, object]]]:
    """Operations that write times, the second of a table also where the row was there before."""
    user, other = snowflake(2 * subject), snowflake(2 * subject + 1)
    paid: dict[str, object] = {"user_id": user, "amount": 10, "reason": "time"}
    moved: dict[str, object] = {"from_user": user, "to_user": other, "amount": 1}
    pool = {"owner_user_id": user, "name": "A pool", "visibility": "public"}
    item = {"user_id": user, "item_id": "clock", "quantity": 2}
    runner = f"r{subject}"
    return [
        ("pools.create", {"pool_id": f"pool_time{subject}", **pool}),
        ("agents.register", registration(subject)),
        ("agents.set_status", {"agent_id": agent_id(subject), "status": "inactive"}),
        ("agents.rotate_key", {"new_key": asdict(new_token_key(f"key-{subject + 1}"))}),
        ("runners.heartbeat", {"runner_id": runner, "at_ms": now_ms()}),
        ("runners.heartbeat", {"runner_id": runner, "at_ms": now_ms()}),
        ("wallets.credit", paid),
        ("wallets.credit", paid),
        ("wallets.debit", {**paid, "amount": 1}),
        ("wallets.transfer", {**moved, "reason": "time"}),
        ("wallets.deposit", {"user_id": user, "amount": 2}),
        ("wallets.withdraw", {"user_id": user, "amount": 1}),
        ("inventory.add", item),
        ("inventory.add", item),
        ("inventory.remove", {**item, "quantity": 1}),
        ("streaks.claim", {"user_id": user, "kind": "daily", "at_ms": now_ms()}),
        ("streaks.claim", {"user_id": user, "kind": "weekly", "at_ms": now_ms()}),
    ]
