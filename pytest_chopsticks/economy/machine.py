"""The state machine: operations on three wallets, with amounts around whatever they hold."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from pytest_chopsticks.economy.calls import OPERATIONS, Call
from pytest_chopsticks.economy.findings import INVARIANTS
from pytest_chopsticks.economy.observation import NOTHING, Connection, Holdings, Observer
from pytest_chopsticks.economy.trial import NAMES, Newcomers, Trial
from pytest_chopsticks.strategies import BIGINT_MAX, amounts, hostile_text, not_amounts


@dataclass(frozen=True, slots=True)
class Near:
    """An amount that depends on a wallet: what it holds or has room for, give or take one."""

    what: Literal["balance", "bank", "room in the bank", "room in the balance"]
    offset: int

    def of(self, holdings: Holdings) -> int:
        return (
            self.offset
            + {
                "balance": holdings.balance,
                "bank": holdings.bank,
                "room in the bank": holdings.bank_capacity - holdings.bank,
                "room in the balance": BIGINT_MAX - holdings.balance,
            }[self.what]
        )


def _near(*what: str) -> st.SearchStrategy[Near]:
    return st.builds(Near, st.sampled_from(what), st.sampled_from((0, 1, -1)))


_SMALL = st.integers(1, 10)
_SPECIAL = amounts() | not_amounts()
_OF_BALANCE = _SMALL | _near("balance", "room in the balance") | _SPECIAL
_OF_DEPOSIT = _SMALL | _near("balance", "room in the bank") | _SPECIAL
_OF_WITHDRAWAL = _SMALL | _near("bank") | _SPECIAL

_USERS = st.sampled_from(range(len(NAMES)))
#: Whoever has most, so that an operation has something to work on; or anyone.
_OWNERS = st.sampled_from((-1, -1, -1, *range(len(NAMES))))
#: How far the receiver is from the sender: mostly somebody else.
_DISTANCES = st.sampled_from((1, 2, 1, 2, 0))
_REASONS = st.sampled_from(("daily", "shop")) | hostile_text()


class EconomyMachine(RuleBasedStateMachine):
    """Every invariant is judged from the tables after every step; see `economy_machine`."""

    operations: ClassVar[Container[str]] = OPERATIONS
    new_trial: ClassVar[Callable[[], Trial]]

    def __init__(self) -> None:
        super().__init__()
        self.trial = type(self).new_trial()

    @precondition(lambda self: "wallets.credit" in self.operations)
    @rule(user=_USERS, amount=_OF_BALANCE | st.integers(1, 20_000), reason=_REASONS)
    def credit(self, user: int, amount: object, reason: str) -> None:
        self.perform("credit", user, user_id=user, amount=amount, reason=reason)

    @precondition(lambda self: "wallets.debit" in self.operations and self.has_any("balance"))
    @rule(user=_OWNERS, amount=_OF_BALANCE, reason=_REASONS)
    def debit(self, user: int, amount: object, reason: str) -> None:
        user = self._owner(user, "balance")
        self.perform("debit", user, user_id=user, amount=amount, reason=reason)

    @precondition(lambda self: "wallets.transfer" in self.operations and self.has_any("balance"))
    @rule(sender=_OWNERS, distance=_DISTANCES, amount=_OF_BALANCE, reason=_REASONS)
    def transfer(self, sender: int, distance: int, amount: object, reason: str) -> None:
        sender = self._owner(sender, "balance")
        receiver = (sender + distance) % len(NAMES)
        of = receiver if isinstance(amount, Near) and "room" in amount.what else sender
        given: dict[str, Any] = {"from_user": sender, "to_user": receiver}
        self.perform("transfer", of, **given, amount=amount, reason=reason)

    @precondition(lambda self: "wallets.deposit" in self.operations and self.has_any("balance"))
    @rule(user=_OWNERS, amount=_OF_DEPOSIT)
    def deposit(self, user: int, amount: object) -> None:
        user = self._owner(user, "balance")
        self.perform("deposit", user, user_id=user, amount=amount)

    @precondition(lambda self: "wallets.withdraw" in self.operations and self.has_any("bank"))
    @rule(user=_OWNERS, amount=_OF_WITHDRAWAL)
    def withdraw(self, user: int, amount: object) -> None:
        user = self._owner(user, "bank")
        self.perform("withdraw", user, user_id=user, amount=amount)

    def teardown(self) -> None:
        """Let go of what was observed: Hypothesis keeps its machines for a while."""
        self.trial.steps.clear()

    def has_any(self, column: str) -> bool:
        """Whether any wallet has something in its `balance` or `bank`."""
        return any(getattr(held, column) for held in self.trial.now.holdings.values())

    def _owner(self, user: int, column: str) -> int:
        if user >= 0:
            return user
        held = [getattr(self._holdings(number), column) for number in range(len(NAMES))]
        return held.index(max(held))

    def _holdings(self, user: int) -> Holdings:
        return self.trial.now.holdings.get(self.trial.users[user], NOTHING)

    def perform(self, operation: str, of: int, **arguments: Any) -> None:
        """Put ids in the place of numbers, and an amount in the place of one near something."""
        if isinstance(near := arguments["amount"], Near):
            arguments["amount"] = near.of(self._holdings(of))
        for name in ("user_id", "from_user", "to_user"):
            if name in arguments:
                arguments[name] = self.trial.users[arguments[name]]
        self.trial.perform(f"wallets.{operation}", **arguments)


def economy_machine(
    call: Call,
    connection: Connection,
    *,
    operations: Sequence[str] = OPERATIONS,
    judged: Container[str] = INVARIANTS,
    reproduce: str | None = None,
) -> type[EconomyMachine]:
    """Return a state machine that carries out its operations by `call`.

    `connection` is where it looks at the tables, in autocommit mode and with their schema in its
    search_path. Its `TestCase` is a test for pytest or unittest; `run_economy` runs it at once.
    """
    newcomers, observer = Newcomers(connection), Observer(connection)

    def new_trial() -> Trial:
        users = newcomers.take(len(NAMES))
        return Trial(call, connection, users, observer, judged, reproduce)

    members = {"operations": frozenset(operations), "new_trial": staticmethod(new_trial)}
    return type("Economy", (EconomyMachine,), members)
