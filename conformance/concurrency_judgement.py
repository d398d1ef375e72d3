"""What a round of concurrent operations did wrong, told so that a stranger can follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pytest_chopsticks.economy import broken_invariants
from pytest_chopsticks.economy.expectations import effect, parties
from pytest_chopsticks.economy.observation import NOTHING, Connection, Holdings
from pytest_chopsticks.violation import Violation

from .contention import Round
from .histories import Event, History
from .serial_order import Explained, GaveUp, Unexplained, find_order

Movement = tuple[object, object, object, object]


def expect_exact_effect(
    round_: Round, connection: Connection, save: Callable[[History], Path]
) -> None:
    """Raise unless wallets and log say that exactly the accepted operations happened."""
    history = round_.history
    wanted = _applied(history)
    for user in sorted(history.names):
        sum_, found = wanted.get(user, NOTHING), history.final.get(user, NOTHING)
        if (sum_.balance, sum_.bank) != (found.balance, found.bank):
            raise _violation(
                history,
                save,
                f"{history.names[user]} ends with balance {sum_.balance} and bank {sum_.bank},"
                " which is what the accepted operations add up to",
                f"balance {found.balance} and bank {found.bank}",
            )
    _expect_rows(round_, save)
    expect_invariants(history, connection, save)


def expect_invariants(
    history: History, connection: Connection, save: Callable[[History], Path]
) -> None:
    """Raise unless log and wallets agree, whatever was accepted, rejected or cut."""
    for finding in broken_invariants(connection, list(history.names)):
        raise _violation(history, save, finding.expected, finding.actual)


def expect_order(history: History, save: Callable[[History], Path]) -> GaveUp | None:
    """Raise unless some order explains the history; returns that the search gave up, if it did."""
    match find_order(history):
        case Explained():
            return None
        case GaveUp() as gave_up:
            return gave_up
        case Unexplained(longest, reasons):
            order = ", ".join(map(history.label, longest)) or "none at all"
            why = "; ".join(dict.fromkeys(reasons)) or "no operation is left"
            raise _violation(
                history,
                save,
                "one order of these operations explains every answer and the final state",
                f"no order does. The one that explains most is {order}; then: {why}",
            )


def expect_ends(history: History, save: Callable[[History], Path]) -> None:
    """Raise if an operation ended in a fault, such as a deadlock that was left to the caller."""
    for event in history.events:
        if event.kind == "fault":
            raise _violation(
                history,
                save,
                "every transfer ends, accepted or rejected",
                f"{history.label(event)} ended in a {event.said}",
            )


def _applied(history: History) -> dict[str, Holdings]:
    """The sum of what was accepted; in which order makes no difference to a sum."""
    wallets = dict(history.initial)
    for event in history.events:
        if event.kind == "accepted":
            changes = effect(event.operation, event.arguments, wallets)
            for user, (balance, bank) in changes.items():
                wallets[user] = replace(wallets.get(user, NOTHING), balance=balance, bank=bank)
    return wallets


def _expect_rows(round_: Round, save: Callable[[History], Path]) -> None:
    history = round_.history
    known = {row.id for row in round_.before.log}
    users = history.names
    found: Counter[Movement] = Counter(
        (
            row.from_user if row.from_user in users else None,
            row.to_user if row.to_user in users else None,
            row.amount,
            row.reason,
        )
        for row in round_.after.log
        if row.id not in known and row.from_user != row.to_user
    )
    wanted = Counter(
        _movement(event)
        for event in history.events
        if event.kind == "accepted" and "reason" in event.arguments
    )
    for missing in wanted - found:
        said = "every accepted movement is logged once"
        raise _violation(history, save, said, f"no row for {_told(missing, history)}")
    for extra in found - wanted:
        said = "only what was accepted is logged, and once"
        raise _violation(history, save, said, f"a row too many: {_told(extra, history)}")


def _movement(event: Event) -> Movement:
    given = event.arguments
    return (*parties(event.operation, given), given["amount"], given["reason"])


def _told(movement: Movement, history: History) -> str:
    sender, receiver, amount, reason = movement
    said = [history.names.get(str(user), "outside") for user in (sender, receiver)]
    return f"{' → '.join(said)}, {amount}, {reason!r}"


def _violation(
    history: History, save: Callable[[History], Path], expected: str, actual: str
) -> Violation:
    told = f"{actual}\nWhat happened:\n{history.tell()}\nSaved in {save(history)}"
    return Violation(expected=expected, actual=told)
