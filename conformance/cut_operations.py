"""Operations cut short: their connection is terminated, or the driver's process is killed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

from pytest_chopsticks.economy.calls import Answer, answer
from pytest_chopsticks.economy.expectations import effect
from pytest_chopsticks.economy.observation import NOTHING, Observation
from pytest_chopsticks.economy.story import answer_text, call_text
from pytest_chopsticks.economy.trial import NAMES
from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import Accepted, Refused
from pytest_chopsticks.violation import Violation

from .contention import Contest
from .cutting import TERMINATED, Cutting

_LONGEST_DELAY_S = 0.003


@dataclass(frozen=True, slots=True)
class Cut:
    """One operation, and what was done to it while it was where."""

    operation: str
    arguments: Mapping[str, object]
    names: Mapping[str, str]
    done: str
    where: str
    before: Observation
    answer: Answer
    after: Observation


def is_killable(contest: Contest) -> bool:
    """Whether the implementation's drivers are processes of their own."""
    _prepared(contest)
    return contest.drivers[0].killable


def cut_at_locks(contest: Contest, cutting: Cutting = TERMINATED) -> Iterator[Cut]:
    """Cut every operation claimed where it waits for a wallet, or to write to either table.

    Where an operation does not wait there, there is nothing to cut.
    """
    for operation in contest.bench.operations:
        for where in cutting.places(operation):
            users = _prepared(contest)
            told = f"it waited for {where if '_' in where else f'the wallet of the {where}'}"
            lock = _at(contest, users, where)
            yield _cut(contest, users, operation, cutting, told, lock)


def cut_at_random(contest: Contest, count: int, cutting: Cutting = TERMINATED) -> Iterator[Cut]:
    """Cut operations after up to three milliseconds, wherever they are then."""
    draw = random.Random(contest.bench.seed)  # noqa: S311
    for _ in range(count):
        users = _prepared(contest)
        operation = draw.choice(contest.bench.operations)
        delay = draw.uniform(0, _LONGEST_DELAY_S)
        yield _cut(contest, users, operation, cutting, "it was somewhere", delay)


def expect_whole_or_nothing(cut: Cut) -> None:
    """Raise unless the tables say that the operation happened wholly or not at all.

    Once it was answered there is no choice: wholly if it was accepted, else not at all.
    """
    allowed = []
    if not isinstance(cut.answer, Refused):
        allowed.append("wholly")
    if not isinstance(cut.answer, Accepted):
        allowed.append("not at all")
    if _happened(cut) not in allowed:
        call = call_text(cut.operation, cut.arguments, cut.names)
        raise Violation(
            expected=f"{call} happened {' or '.join(allowed)}, {cut.done} while {cut.where}",
            actual=f"answered: {answer_text(cut.answer)}; {_told(cut)}",
        )


def _prepared(contest: Contest) -> list[str]:
    """Two new users with 100 in the balance, the first with 50 more in the bank if it can be."""
    try:
        return _funded(contest)
    except ImplementationFault:
        # With another driver: getting over a terminated connection is not asked of it here.
        return _funded(contest)


def _funded(contest: Contest) -> list[str]:
    users = contest.newcomers.take(2)
    call = contest.drivers[0]
    for user, amount in zip(users, (150, 100), strict=True):
        outcome = call("wallets.credit", user_id=user, amount=amount, reason="funds")
        outcome.expect_accepted("credit a new user (wallets.credit)")
    if "wallets.deposit" in contest.bench.operations:
        call("wallets.deposit", user_id=users[0], amount=50).expect_accepted("deposit 50 of 150")
    return users


def _arguments(operation: str, users: Sequence[str]) -> dict[str, object]:
    match operation.rpartition(".")[2]:
        case "transfer":
            return {"from_user": users[0], "to_user": users[1], "amount": 30, "reason": "cut"}
        case "deposit" | "withdraw":
            return {"user_id": users[0], "amount": 30}
        case _:
            return {"user_id": users[0], "amount": 30, "reason": "cut"}


def _at(contest: Contest, users: Sequence[str], where: str) -> AbstractContextManager[None]:
    if where == "payer":
        return contest.gate.hold_wallets(users[:1])
    if where == "receiver":
        return contest.gate.hold_wallets(users[1:])
    return contest.gate.hold_table(where)


def _cut(
    contest: Contest,
    users: Sequence[str],
    operation: str,
    cutting: Cutting,
    where: str,
    when: AbstractContextManager[None] | float,
) -> Cut:
    """Cut an operation when it waits for a lock, or after so many seconds."""
    arguments = _arguments(operation, users)
    before = contest.observer.observe(users)
    with ThreadPoolExecutor(1) as pool:
        with nullcontext() if isinstance(when, float) else when:
            running = pool.submit(answer, contest.drivers[0].once, operation, arguments)
            if isinstance(when, float):
                time.sleep(when)
                cutting.anywhere(contest)
            else:
                waiting = contest.gate.wait_for(1, partial(_is_done, running))
                cutting.waiting(contest, waiting)
        answered = running.result()
    cutting.settle(contest)
    after = contest.observer.observe(users)
    names = dict(zip(users, NAMES, strict=False))
    return Cut(operation, arguments, names, cutting.done, where, before, answered, after)


def _is_done(running: Future[Answer]) -> int:
    return int(running.done())


def _happened(cut: Cut) -> str:
    if cut.after.wallets == cut.before.wallets and cut.after.log == cut.before.log:
        return "not at all"
    wanted = effect(cut.operation, cut.arguments, cut.before.holdings)
    held = cut.after.holdings
    exact = all(
        (held.get(user, NOTHING).balance, held.get(user, NOTHING).bank) == money
        for user, money in wanted.items()
    )
    logged = "reason" not in cut.arguments or len(cut.after.log) == len(cut.before.log) + 1
    return "wholly" if exact and logged else "in part"


def _told(cut: Cut) -> str:
    changes = []
    for user, name in cut.names.items():
        old = cut.before.holdings.get(user, NOTHING)
        new = cut.after.holdings.get(user, NOTHING)
        if old != new:
            changes.append(
                f"{name} went from balance {old.balance}, bank {old.bank}"
                f" to balance {new.balance}, bank {new.bank}"
            )
    rows = len(cut.after.log) - len(cut.before.log)
    changes.append(f"transaction_log has {rows} row{'' if rows == 1 else 's'} more")
    return "; ".join(changes)
