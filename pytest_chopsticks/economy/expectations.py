"""What the contract says about an operation beforehand: must it be accepted, or rejected?

Between the two lies what an implementation may decide: an amount above a million could be over
its own limit. What is accepted has to be exact, however large it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pytest_chopsticks.economy.findings import OVERFLOW, REJECTIONS
from pytest_chopsticks.economy.observation import NOTHING, Holdings
from pytest_chopsticks.strategies import BIGINT_MAX

#: An amount up to this one is refused for no other reason than those of the contract.
EVERYDAY = 1_000_000

#: What every language computes exactly; wallets above it may be refused more money.
EXACT_EVERYWHERE = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Expectation:
    """What has to come: `accept`, `reject` because of `why`, or either.

    A rejection that has to be `clear` is one by the contract; otherwise a fault is as good.
    """

    must: Literal["accept", "reject", "either"]
    why: str = ""
    invariant: str = REJECTIONS
    clear: bool = True


def expect(
    operation: str, arguments: Mapping[str, object], wallets: Mapping[str, Holdings]
) -> Expectation:
    """Return what has to come of an operation on these wallets."""
    amount = arguments["amount"]
    if (wrong := _not_an_amount(amount)) is not None:
        return wrong
    assert isinstance(amount, int)
    sender, receiver = parties(operation, arguments)
    if sender is not None and sender == receiver and operation == "wallets.transfer":
        return Expectation("reject", "it is a transfer to the same user")
    owner = wallets.get(sender or receiver or "", NOTHING)
    target = wallets.get(receiver or "", NOTHING)
    if reason := _impossible(operation, amount, owner, target):
        return reason
    if amount <= EVERYDAY and max(owner.largest, target.largest) + amount <= EXACT_EVERYWHERE:
        return Expectation("accept", "nothing speaks against it")
    return Expectation("either")


def parties(operation: str, arguments: Mapping[str, object]) -> tuple[str | None, str | None]:
    """Return whose balance the operation takes from, and whose it adds to."""
    user = str(arguments.get("user_id"))
    match operation.rpartition(".")[2]:
        case "transfer":
            return str(arguments["from_user"]), str(arguments["to_user"])
        case "credit":
            return None, user
        case "debit":
            return user, None
        case _:
            return user, user


def effect(
    operation: str, arguments: Mapping[str, object], wallets: Mapping[str, Holdings]
) -> dict[str, tuple[int, int]]:
    """Return balance and bank of everyone concerned after the operation was accepted."""
    amount = arguments["amount"]
    assert isinstance(amount, int)
    sender, receiver = parties(operation, arguments)
    after = {
        user: (wallets.get(user, NOTHING).balance, wallets.get(user, NOTHING).bank)
        for user in (sender, receiver)
        if user is not None
    }
    if operation in ("wallets.deposit", "wallets.withdraw"):
        assert sender is not None
        moved = amount if operation == "wallets.deposit" else -amount
        return {sender: (after[sender][0] - moved, after[sender][1] + moved)}
    if sender is not None:
        after[sender] = (after[sender][0] - amount, after[sender][1])
    if receiver is not None:
        after[receiver] = (after[receiver][0] + amount, after[receiver][1])
    return after


def _not_an_amount(amount: object) -> Expectation | None:
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return Expectation("reject", f"{amount!r} is no number", clear=False)
    if isinstance(amount, float):
        return Expectation("reject", f"{amount!r} is fractional")
    if amount <= 0:
        return Expectation("reject", f"{amount} is not positive")
    if amount > BIGINT_MAX:
        return Expectation("reject", f"{amount} is above BIGINT's 2^63−1", OVERFLOW)
    return None


def _impossible(
    operation: str, amount: int, owner: Holdings, target: Holdings
) -> Expectation | None:
    name = operation.rpartition(".")[2]
    if name in ("debit", "transfer", "deposit") and amount > owner.balance:
        return Expectation("reject", f"the balance is {owner.balance}")
    if name == "withdraw" and amount > owner.bank:
        return Expectation("reject", f"the bank holds {owner.bank}")
    if name == "deposit" and owner.bank + amount > owner.bank_capacity:
        room = f"the bank holds {owner.bank} of at most {owner.bank_capacity}"
        return Expectation("reject", room)
    if name in ("credit", "transfer", "withdraw") and target.balance + amount > BIGINT_MAX:
        why = f"balance {target.balance} + {amount} is above BIGINT's 2^63−1"
        return Expectation("reject", why, OVERFLOW)
    return None
