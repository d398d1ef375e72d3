"""Cases that are tried whatever the search draws: every refusal there is, and every bound."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

import psycopg

from pytest_chopsticks.economy import InvariantBroken, Trial
from pytest_chopsticks.economy.findings import REJECTIONS, Finding
from pytest_chopsticks.economy.observation import NOTHING
from pytest_chopsticks.strategies import BIGINT_MAX

_NOT_AMOUNTS: tuple[object, ...] = (0, -1, -(2**63), 0.5, 1.5, 2**63, 2**64 + 1, "many", None)
_LARGE = (2**31 - 1, 2**31, 2**32 + 1, 2**53 - 1, 2**53, 2**53 + 1, 2**62, 2**63 - 1)
#: As much as there is room for in the balance; one more than there is.
_ROOM, _BEYOND = "room", "beyond"
_LOCK = "SELECT FROM user_wallets WHERE user_id = ANY (%s) FOR UPDATE NOWAIT"
#: A pool may undo what a caller left behind when it gets round to it.
_LETTING_GO_S, _POLL_S = 5.0, 0.01
_NO_TWO = "x'); DROP TABLE user_wallets; --"
_LONG = "a long reason, " * 300

Arguments = Mapping[str, object]


def perform_cases(trial: Trial, operations: Collection[str]) -> None:
    """Perform them on the users of the trial; raises as `Trial.perform` does."""
    alice, bob, carol = trial.users
    _perform(trial, "wallets.credit", user_id=alice, amount=100, reason=_LONG)
    if "wallets.deposit" in operations:
        _perform(trial, "wallets.deposit", user_id=alice, amount=40)
    for operation, arguments in _refusals(alice, bob, carol):
        if operation in operations:
            _perform(trial, operation, **_resolved(trial, operation, arguments))
            _expect_unlocked(trial, operation)
    for operation, arguments in _bounds(alice, bob, carol):
        if operation in operations:
            _perform(trial, operation, **_resolved(trial, operation, arguments))


def _perform(trial: Trial, operation: str, **arguments: Any) -> None:
    """Leave steps that changed nothing out of the story, once they were found to be right."""
    before = trial.now
    trial.perform(operation, **arguments)
    if trial.now == before:
        del trial.steps[-1]


def _expect_unlocked(trial: Trial, operation: str) -> None:
    """Expect others to get at the wallets: a transaction that was left open would keep them out."""
    if REJECTIONS not in trial.judged:
        return
    deadline = time.monotonic() + _LETTING_GO_S
    while time.monotonic() < deadline:
        with suppress(psycopg.errors.LockNotAvailable):
            trial.connection.execute(_LOCK, [list(trial.users)])
            return
        time.sleep(_POLL_S)
    finding = Finding(
        REJECTIONS,
        f"{operation} leaves no wallet locked once it is rejected",
        f"others still wait for one {_LETTING_GO_S:g} s later",
    )
    raise InvariantBroken(finding, trial.story, trial.reproduce)


def _refusals(alice: str, bob: str, carol: str) -> Iterator[tuple[str, Arguments]]:
    reason = {"reason": _NO_TWO}
    same = {"from_user": alice, "to_user": alice, "amount": 10, **reason}
    yield "wallets.transfer", same
    yield "wallets.transfer", {**same, "from_user": bob, "to_user": bob}
    for amount in (*_NOT_AMOUNTS, _BEYOND, 100_000):
        between = {"from_user": alice, "to_user": bob, "amount": amount, **reason}
        yield "wallets.debit", {"user_id": alice, "amount": amount, **reason}
        yield "wallets.transfer", between
        yield "wallets.deposit", {"user_id": alice, "amount": amount}
        yield "wallets.withdraw", {"user_id": alice, "amount": amount}
    for amount in _NOT_AMOUNTS:
        yield "wallets.credit", {"user_id": carol, "amount": amount, **reason}
    yield "wallets.debit", {"user_id": carol, "amount": 1, **reason}
    yield "wallets.transfer", {"from_user": carol, "to_user": alice, "amount": 1, **reason}
    yield "wallets.deposit", {"user_id": carol, "amount": 1}
    yield "wallets.withdraw", {"user_id": carol, "amount": 1}


def _bounds(alice: str, bob: str, carol: str) -> Iterator[tuple[str, Arguments]]:
    reason = {"reason": "bound"}
    yield "wallets.credit", {"user_id": alice, "amount": 20_000, **reason}
    for amount in (9_961, 9_960, 1):
        yield "wallets.deposit", {"user_id": alice, "amount": amount}
    for amount in (10_001, 10_000):
        yield "wallets.withdraw", {"user_id": alice, "amount": amount}
    for amount in _LARGE:
        yield "wallets.credit", {"user_id": bob, "amount": amount, **reason}
        between = {"from_user": bob, "to_user": carol, "amount": amount, **reason}
        yield "wallets.transfer", between
        yield "wallets.debit", {"user_id": carol, "amount": amount, **reason}
    yield "wallets.credit", {"user_id": bob, "amount": _ROOM, **reason}
    yield "wallets.credit", {"user_id": bob, "amount": 1, **reason}
    yield "wallets.credit", {"user_id": bob, "amount": BIGINT_MAX, **reason}
    yield "wallets.transfer", {"from_user": alice, "to_user": bob, "amount": 1, **reason}


def _resolved(trial: Trial, operation: str, arguments: Arguments) -> dict[str, object]:
    """Put in the amount that depends on what the wallet holds."""
    if arguments["amount"] not in (_ROOM, _BEYOND):
        return dict(arguments)
    user = str(arguments.get("user_id", arguments.get("from_user")))
    held = trial.now.holdings.get(user, NOTHING)
    if arguments["amount"] == _ROOM:
        return {**arguments, "amount": BIGINT_MAX - max(held.balance, held.total_earned)}
    # Not more than balance and bank together: what is in one is not the other's.
    there = held.bank if operation == "wallets.withdraw" else held.balance
    return {**arguments, "amount": there + 1}
