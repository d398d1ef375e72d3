"""Area `time`: every time in a BIGINT column is in milliseconds, and now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.implementations import Driver, Implementation, new_token_key
from pytest_chopsticks.requirements import checks, not_claimed
from pytest_chopsticks.violation import Violation

from .agent_registration import make_pool, registration
from .answers import ask
from .clocks import expect_now, now_ms, wait_for_another_second
from .identities import agent_id, snowflake
from .table_rows import Row, rows_of
from .token_tampering import switch_triggers_off

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
#: With which values of a row its updated_at moves, by table; and what a row is known by.
_CHANGES = {"agent_bots": ("status",), "user_wallets": ("balance", "bank")}
_IDENTITY = {"agent_bots": "agent_id", "user_wallets": "user_id"}
#: By column, all that it holds.
_Times = Mapping[str, Sequence[int]]
#: An operation and its arguments.
_Call = tuple[str, Mapping[str, object]]


@checks("time.milliseconds")
def test_milliseconds(
    driver: Driver, observer: psycopg.Connection[Any], implementation: Implementation
) -> None:
    if not _claimed(implementation, 1):
        not_claimed("no operation that writes a time into a BIGINT column")
    if "agents.register" in implementation.claims:
        make_pool(observer)
    # A migration may have written rows, such as the default pool, long ago.
    there = _times(observer)
    latest: dict[str, int] = {}
    for operation, arguments in _claimed(implementation, 1):
        before = _aged_rows(observer, there)
        ask(driver, operation, **arguments)
        _expect_now(observer, operation, there)
        _expect_updated(observer, operation, before)
        latest = {c: max(latest.get(c, 0), *found, 0) for c, found in _times(observer).items()}
    earlier = _times(observer)
    wait_for_another_second()
    for operation, arguments in _claimed(implementation, 2):
        ask(driver, operation, **arguments)
        _expect_now(observer, operation, there)
        _expect_later(latest, earlier, _times(observer), operation)


def _claimed(implementation: Implementation, subject: int) -> list[_Call]:
    return [call for call in _calls(subject) if call[0] in implementation.claims]


def _aged_rows(observer: psycopg.Connection[Any], but: _Times) -> Mapping[str, Mapping[str, Row]]:
    """Make the rows a little older, because a clock may be coarser than operations are fast."""
    with observer.transaction():
        switch_triggers_off(observer)
        for table in _CHANGES:
            query = sql.SQL(
                "UPDATE {} SET created_at = created_at - 1000, updated_at = updated_at - 1000"
                " WHERE updated_at <> ALL (%s::bigint[])"
            ).format(sql.Identifier(table))
            observer.execute(query, [list(but[f"{table}.updated_at"])])
    return {table: _by_identity(observer, table) for table in _CHANGES}


def _by_identity(observer: psycopg.Connection[Any], table: str) -> Mapping[str, Row]:
    return {row[_IDENTITY[table]]: row for row in rows_of(observer, table)}


def _expect_updated(
    observer: psycopg.Connection[Any], operation: str, before: Mapping[str, Mapping[str, Row]]
) -> None:
    for table, rows in before.items():
        for identity, row in _by_identity(observer, table).items():
            old = rows.get(identity, row)
            changed = [name for name in _CHANGES[table] if row[name] != old[name]]
            if changed and row["updated_at"] <= old["updated_at"]:
                raise Violation(
                    expected=f"{table}.updated_at moves forward when {operation} changes"
                    f" {changed[0]}",
                    actual=f"it was {old['updated_at']} and is {row['updated_at']}",
                )


def _expect_now(observer: psycopg.Connection[Any], operation: str, there: _Times) -> None:
    for table, columns in _TIMES.items():
        for row in rows_of(observer, table):
            new = [name for name in columns if row[name] not in there[f"{table}.{name}"]]
            _expect_times(operation, table, row, new)


def _expect_later(
    latest: Mapping[str, int], earlier: _Times, times: _Times, operation: str
) -> None:
    """Expect no more old times than there were: what is new was not taken before the operation."""
    for column, found in times.items():
        old = [at_ms for at_ms in found if at_ms <= latest[column]]
        if len(old) > len(earlier[column]):
            raise Violation(
                expected=f"{column} is the time of {operation}, which was a second after"
                f" {latest[column]}",
                actual=f"it is {max(old)}",
            )


def _times(observer: psycopg.Connection[Any]) -> _Times:
    rows = {table: rows_of(observer, table) for table in _TIMES}
    return {
        f"{table}.{column}": [row[column] for row in rows[table] if row[column] is not None]
        for table, columns in _TIMES.items()
        for column in columns
    }


def _expect_times(
    operation: str, table: str, row: Mapping[str, Any], columns: Sequence[str]
) -> None:
    for column in columns:
        if row[column] is not None:
            expect_now(row[column], f"{table}.{column} after {operation}")
    if "updated_at" in columns and row["updated_at"] < row["created_at"]:
        raise Violation(
            expected=f"{table}.updated_at is not before created_at after {operation}",
            actual=f"{row['updated_at']} is before {row['created_at']}",
        )


def _calls(subject: int) -> list[_Call]:
    """Operations about one user, agent and so on that write times.

    The second of a table is also where the row was there before.
    """
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
