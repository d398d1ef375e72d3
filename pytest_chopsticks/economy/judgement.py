"""What one step did wrong, from the tables before and after it and the answer given."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pytest_chopsticks.economy.calls import LOGGED, Answer, Faulted
from pytest_chopsticks.economy.expectations import (
    Expectation,
    effect,
    expect,
    parties,
)
from pytest_chopsticks.economy.findings import (
    APPEND_ONLY,
    ONE_ROW,
    OVERFLOW,
    REJECTIONS,
    REPLAY,
    TOTALS,
    Finding,
)
from pytest_chopsticks.economy.observation import NOTHING, LogRow, Observation
from pytest_chopsticks.implementations import Accepted, Refused

#: Clocks of servers differ by less, and seconds or microseconds are off by far more.
_CLOCKS_DIFFER_MS = 3_600_000
_INT32_MAX = 2**31 - 1
_NEVER_CHANGES = "no row of transaction_log ever changes or disappears"


@dataclass(frozen=True)
class Step:
    """One operation: what was asked, what was answered, what the tables said."""

    operation: str
    arguments: dict[str, object]
    before: Observation
    answer: Answer
    after: Observation

    @cached_property
    def expectation(self) -> Expectation:
        return expect(self.operation, self.arguments, self.before.holdings)


def judge_step(step: Step) -> Iterator[Finding]:
    """Everything that this one step shows to be broken."""
    yield from _answer(step)
    if isinstance(step.answer, Accepted):
        yield from _row_of_movement(step)
        yield from _exact_effect(step)
    else:
        yield from _traces(step)
    yield from _changed_history(step)
    yield from _falling_totals(step)


def _answer(step: Step) -> Iterator[Finding]:
    expected, answer = step.expectation, step.answer
    if expected.must == "reject" and isinstance(answer, Accepted):
        wanted = f"{step.operation} is rejected: {expected.why}"
        yield Finding(expected.invariant, wanted, "it was accepted")
    if expected.must == "reject" and expected.clear and isinstance(answer, Faulted):
        wanted = f"{step.operation} is clearly rejected: {expected.why}"
        yield Finding(expected.invariant, wanted, f"a fault: {type(answer.error).__name__}")
    if expected.must == "accept" and isinstance(answer, Refused):
        wanted = f"{step.operation} is accepted: {expected.why}"
        said = answer.rejection or answer.message
        yield Finding(REJECTIONS, wanted, f"it was rejected: {said}")


def _traces(step: Step) -> Iterator[Finding]:
    what = "a fault" if isinstance(step.answer, Faulted) else "a rejection"
    for change in _changes(step.before, step.after):
        yield Finding(REJECTIONS, f"{what} leaves every table as it was", change)


def _changes(before: Observation, after: Observation) -> Iterator[str]:
    for user in sorted(before.wallets.keys() | after.wallets.keys()):
        old, new = before.wallets.get(user), after.wallets.get(user)
        if old != new:
            how = "changed" if old and new else "appeared" if new else "is gone"
            yield f"the row of {user} in user_wallets {how}"
    for row in after.log[len(before.log) :]:
        yield f"transaction_log has a new row, {row.id}"
    for table, digest in before.elsewhere.items():
        if after.elsewhere.get(table) != digest:
            yield f"rows of {table} changed"


def _row_of_movement(step: Step) -> Iterator[Finding]:
    if step.operation not in LOGGED:
        return
    known = {row.id for row in step.before.log}
    new = [row for row in step.after.log if row.id not in known]
    if len(new) != 1:
        wanted = f"an accepted {step.operation} adds one row to transaction_log"
        yield Finding(ONE_ROW, wanted, f"it added {len(new)}")
        return
    for problem in _row_problems(step, new[0]):
        yield Finding(ONE_ROW, f"the row of transaction_log says what {problem[0]}", problem[1])


def _row_problems(step: Step, row: LogRow) -> Iterator[tuple[str, str]]:
    sender, receiver = parties(step.operation, step.arguments)
    for column, wanted, found in (
        ("from_user", sender, row.from_user),
        ("to_user", receiver, row.to_user),
    ):
        # The outside has no agreed name: NULL, or anything that is nobody's.
        if found != wanted and (wanted is not None or found in (sender, receiver)):
            yield "moved", f"{column} is {found}, and should be {wanted or 'NULL'}"
    if row.amount != step.arguments["amount"]:
        yield "moved", f"amount is {row.amount}, and should be {step.arguments['amount']}"
    if row.reason != step.arguments["reason"]:
        given = step.arguments["reason"]
        yield "was given as reason", f"reason is {row.reason!r:.80}, and should be {given!r:.80}"
    now = time.time_ns() // 1_000_000
    if abs(row.timestamp - now) > _CLOCKS_DIFFER_MS:
        yield "time it is, in milliseconds", f"timestamp is {row.timestamp}, and it is about {now}"


def _exact_effect(step: Step) -> Iterator[Finding]:
    if step.expectation.must == "reject":
        return
    before, after = step.before.holdings, step.after.holdings
    wanted = effect(step.operation, step.arguments, before)
    for user in sorted(before.keys() | after.keys() | wanted.keys()):
        old, new = before.get(user, NOTHING), after.get(user, NOTHING)
        balance, bank = wanted.get(user, (old.balance, old.bank))
        if (new.balance, new.bank) != (balance, bank):
            yield Finding(
                OVERFLOW if max(balance, bank) > _INT32_MAX else REPLAY,
                f"{step.operation} leaves {user} with balance {balance} and bank {bank}",
                f"balance {new.balance} and bank {new.bank}",
            )


def _changed_history(step: Step) -> Iterator[Finding]:
    now = {row.id: row for row in step.after.log}
    for row in step.before.log:
        found = now.get(row.id)
        if found != row:
            same = found is not None and found.amount == row.amount
            what = "is gone" if found is None else "was updated"
            what += " (the row version differs)" if same else ""
            yield Finding(APPEND_ONLY, _NEVER_CHANGES, f"row {row.id} {what}")
    if step.after.others_log != step.before.others_log:
        what = "rows of other users were updated, deleted or added"
        yield Finding(APPEND_ONLY, _NEVER_CHANGES, what)


def _falling_totals(step: Step) -> Iterator[Finding]:
    after = step.after.holdings
    for user, old in step.before.holdings.items():
        new = after.get(user, NOTHING)
        for name in ("total_earned", "total_spent"):
            if getattr(new, name) < getattr(old, name):
                fell = f"it fell from {getattr(old, name)} to {getattr(new, name)}"
                yield Finding(TOTALS, f"{name} of {user} never falls", fell)
