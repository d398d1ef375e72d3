"""Tells steps so that a stranger can follow: who did what, what was answered, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_chopsticks.economy.calls import Answer, Faulted
from pytest_chopsticks.economy.judgement import Step
from pytest_chopsticks.economy.observation import LogRow, Observation, Wallet
from pytest_chopsticks.implementations import Accepted

_SHOWN_CHARACTERS = 60


def tell(steps: Sequence[Step], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines of the story; `names` are what to call the users."""
    lines = [line for number, step in enumerate(steps, 1) for line in _step(number, step, names)]
    involved = {str(value) for step in steps for value in step.arguments.values()}
    who = ", ".join(f"{name} is {user}" for user, name in names.items() if user in involved)
    return (*lines, f"  ({who})") if who else tuple(lines)


def call_text(operation: str, arguments: Mapping[str, object], names: Mapping[str, str]) -> str:
    """Return the call as one would write it; long values are cut."""
    given = ", ".join(f"{name}={_value(value, names)}" for name, value in arguments.items())
    return f"{operation}({given})"


def answer_text(answer: Answer) -> str:
    """Return what was answered, in a few words."""
    if isinstance(answer, Accepted):
        return "accepted"
    if isinstance(answer, Faulted):
        return f"fault: {fault_text(answer.error)}"
    return _cut(f"rejected: {answer.rejection or answer.message}".splitlines()[0], 200)


def fault_text(error: Exception) -> str:
    """Return what a fault says: the first line, and the last, where a traceback says why."""
    lines = str(getattr(error, "message", error)).strip().splitlines() or [""]
    said = lines[0] if len(lines) == 1 else f"{lines[0]} … {lines[-1].strip()}"
    return _cut(f"{type(error).__name__}: {said}", 300)


def _step(number: int, step: Step, names: Mapping[str, str]) -> Iterator[str]:
    call = call_text(step.operation, step.arguments, names)
    yield f"  {number}. {call} → {answer_text(step.answer)}"
    yield from (f"       {line}" for line in _changes(step.before, step.after, names))


def _changes(before: Observation, after: Observation, names: Mapping[str, str]) -> Iterator[str]:
    for user in sorted(before.wallets.keys() | after.wallets.keys()):
        old, new = before.wallets.get(user), after.wallets.get(user)
        if old != new:
            yield f"{names.get(user, user)}: {_wallet(old)} → {_wallet(new)}"
    old_rows = {row.id: row for row in before.log}
    new_rows = {row.id: row for row in after.log}
    for id_ in sorted(old_rows.keys() | new_rows.keys()):
        was, row = old_rows.get(id_), new_rows.get(id_)
        if row is None:
            yield f"log row {id_} is gone"
        elif was is None:
            yield f"log row {id_}: {_row(row, names)}"
        elif was != row:
            yield f"log row {id_} was updated: {_row(row, names)}"


def _wallet(wallet: Wallet | None) -> str:
    if wallet is None:
        return "no wallet"
    return (
        f"balance {wallet.balance}, bank {wallet.bank}/{wallet.bank_capacity}, "
        f"earned {wallet.total_earned}, spent {wallet.total_spent}"
    )


def _row(row: LogRow, names: Mapping[str, str]) -> str:
    sender, receiver = (_who(user, names) for user in (row.from_user, row.to_user))
    return f"{sender} → {receiver}, {row.amount}, {_cut(repr(row.reason))}, at {row.timestamp}"


def _who(user: str | None, names: Mapping[str, str]) -> str:
    return "NULL" if user is None else names.get(user, user)


def _value(value: object, names: Mapping[str, str]) -> str:
    return names[value] if isinstance(value, str) and value in names else _cut(repr(value))


def _cut(text: str, limit: int = _SHOWN_CHARACTERS) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
