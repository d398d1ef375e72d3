"""Area `audit`: what administrators did."""

from __future__ import annotations

from typing import Any

import psycopg

from pytest_chopsticks.implementations import Driver
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.violation import Violation

from .answers import ask
from .clocks import expect_recent, wait_for_another_second
from .identities import snowflake
from .json_values import lost_keys
from .table_rows import Row, row_of, rows_of

_DETAILS: dict[str, Any] = {
    "before": None,
    "after": {"roles": ["✓", 1.5, True]},
    "large": 2**53 - 1,
}


@checks("audit.append")
def test_append(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    for number in range(3):
        before = set(map(repr, rows_of(observer, "audit_log")))
        action = f"settings.update {number}"
        entry: dict[str, object] = {"guild_id": snowflake(number % 2), "user_id": snowflake(9)}
        details = {"details": _DETAILS} if number < 2 else {}
        ask(driver, "audit.record", **entry, action=action, **details)
        row = row_of(observer, "audit_log", action=action)
        if wrong := [name for name, value in entry.items() if row[name] != value]:
            raise Violation(
                expected=f"audit_log.{wrong[0]} is {entry[wrong[0]]}",
                actual=f"it is {row[wrong[0]]}",
            )
        if details and (lost := lost_keys(_DETAILS, row["details"])):
            raise Violation(
                expected=f"audit_log.details has {lost[0]!r} = {_DETAILS[lost[0]]!r}",
                actual=f"details is {row['details']!r}",
            )
        expect_recent(row["created_at"], "audit_log.created_at")
        if not before <= set(map(repr, rows_of(observer, "audit_log"))):
            raise Violation(
                expected="an audit entry leaves the earlier ones as they are",
                actual="one of them was changed or is gone",
            )
    _expect_empty_object(driver, observer)
    wait_for_another_second()
    _expect_later(driver, observer, row)


def _expect_empty_object(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    entry = {"guild_id": snowflake(1), "user_id": snowflake(9), "action": "settings.reset"}
    ask(driver, "audit.record", **entry, details={})
    details = row_of(observer, "audit_log", action=entry["action"])["details"]
    if not isinstance(details, dict):
        raise Violation(
            expected="audit_log.details is an object where an empty one was given",
            actual=f"details is {details!r}",
        )


def _expect_later(driver: Driver, observer: psycopg.Connection[Any], earlier: Row) -> None:
    entry = {"guild_id": snowflake(1), "user_id": snowflake(9), "action": "settings.update later"}
    ask(driver, "audit.record", **entry)
    created_at = row_of(observer, "audit_log", action=entry["action"])["created_at"]
    if created_at <= earlier["created_at"]:
        raise Violation(
            expected=f"audit_log.created_at is a second after {earlier['created_at']},"
            " that of an earlier entry",
            actual=f"it is {created_at}",
        )
