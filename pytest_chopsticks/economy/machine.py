"""The state machine: operations on three wallets, with amounts around whatever they hold.

A step is three draws and no more: what Hypothesis does for a draw costs about as much as a query.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, cycle, islice
from typing import Any, ClassVar, Literal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from pytest_chopsticks.economy.calls import LOGGED, OPERATIONS, Call
from pytest_chopsticks.economy.findings import INVARIANTS, InvariantBroken
from pytest_chopsticks.economy.observation import NOTHING, Connection, Holdings, Observer
from pytest_chopsticks.economy.shortening import Told, told
from pytest_chopsticks.economy.trial import NAMES, Newcomers, Trial
from pytest_chopsticks.strategies import (
    BIGINT_MAX,
    HOSTILE_TEXTS,
    NOT_AMOUNTS,
    amount_bounds,
)

#: What an operation takes from, and the operation that puts something there.
_TAKES_FROM = {
    "wallets.debit": "balance",
    "wallets.transfer": "balance",
    "wallets.deposit": "balance",
    "wallets.withdraw": "bank",
}
_BROUGHT_BY = {"balance": "wallets.credit", "bank": "wallets.deposit"}


@dataclass(frozen=True, slots=True)
class Turn:
    """Who does what; the receiver of a transfer is so many places after the owner."""

    operation: str
    owner: int
    distance: int


@dataclass(frozen=True, slots=True)
class Near:
    """An amount that depends on wallets: what is held, or has room where it goes to."""

    what: Literal["held", "room"]
    offset: int


def _evenly(groups: Iterable[Sequence[Any]], size: int) -> list[Any]:
    """As many of each group, however many it has."""
    return list(chain.from_iterable(islice(cycle(group), size) for group in groups))


#: Whoever has most, so that an operation has something to work on; or anyone.
_RICHEST = -1
_ANYONE = range(len(NAMES))
_OWNERS = (_RICHEST, _RICHEST, _RICHEST, *_ANYONE)
#: Mostly somebody else.
_DISTANCES = (1, 2, 1, 2, 0)


def _turns(operations: Iterable[str]) -> st.SearchStrategy[Turn]:
    turns = (
        [Turn(name, owner, distance) for owner in owners for distance in distances]
        for name in operations
        for owners in (_ANYONE if name == "wallets.credit" else _OWNERS,)
        for distances in (_DISTANCES if name == "wallets.transfer" else (0,),)
    )
    return st.sampled_from(_evenly(turns, len(_OWNERS) * len(_DISTANCES)))


_AMOUNTS = st.sampled_from(
    _evenly(
        (
            range(1, 11),
            [Near(what, offset) for what in ("held", "room") for offset in (0, 1, -1)],
            range(3, 100, 7),
            range(501, 20_000, 1_001),
            amount_bounds(),
            NOT_AMOUNTS,
        ),
        30,
    )
)
_REASONS = st.sampled_from(("daily", "shop", *HOSTILE_TEXTS))


class EconomyMachine(RuleBasedStateMachine):
    """Every invariant is judged from the tables after every step; see `economy_machine`.

    A trial that ends badly is taken down in `stories`.
    """

    operations: ClassVar[Container[str]] = OPERATIONS

    def __init__(self, trial: Trial, stories: list[Told]) -> None:
        super().__init__()
        self.trial = trial
        self._stories = stories

    def take(self, turn: Turn, amount: object, reason: str) -> None:
        """Carry out the operation, or the one that first brings it something to work on."""
        operation = self._possible(turn.operation)
        source = _TAKES_FROM.get(operation, "balance")
        owner = self._richest(source) if turn.owner == _RICHEST else self.trial.users[turn.owner]
        receiver = owner
        arguments: dict[str, object] = {"user_id": owner}
        if operation == "wallets.transfer":
            number = (self.trial.users.index(owner) + turn.distance) % len(NAMES)
            receiver = self.trial.users[number]
            arguments = {"from_user": owner, "to_user": receiver}
        if isinstance(amount, Near):
            held, room = self._held(owner, source), self._room(receiver, operation)
            amount = amount.offset + (held if amount.what == "held" else room)
        arguments["amount"] = amount
        if operation in LOGGED:
            arguments["reason"] = reason
        self.perform(operation, **arguments)

    def perform(self, operation: str, **arguments: object) -> None:
        """Carry out and judge one operation; raises as `Trial.perform` does."""
        try:
            self.trial.perform(operation, **arguments)
        except InvariantBroken as broken:
            self._stories.append(told(broken, self.trial))
            raise

    def teardown(self) -> None:
        """Let go of what was observed: Hypothesis keeps its machines for a while."""
        self.trial.steps.clear()

    def _possible(self, operation: str) -> str:
        source = _TAKES_FROM.get(operation)
        if source is None or any(self._held(user, source) for user in self.trial.users):
            return operation
        brought = _BROUGHT_BY[source]
        return self._possible(brought) if brought in self.operations else operation

    def _richest(self, source: str) -> str:
        return max(self.trial.users, key=lambda user: self._held(user, source))

    def _held(self, user: str, source: str) -> int:
        held: int = getattr(self._holdings(user), source)
        return held

    def _room(self, user: str, operation: str) -> int:
        holdings = self._holdings(user)
        if operation == "wallets.deposit":
            return holdings.bank_capacity - holdings.bank
        return BIGINT_MAX - holdings.balance

    def _holdings(self, user: str) -> Holdings:
        return self.trial.now.holdings.get(user, NOTHING)


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
    new_trial = trials(call, connection, judged=judged, reproduce=reproduce)

    def begin(machine: EconomyMachine) -> None:
        EconomyMachine.__init__(machine, new_trial(), [])

    return type("Economy", (machine_of(tuple(operations)),), {"__init__": begin})


@cache
def machine_of(operations: tuple[str, ...]) -> type[EconomyMachine]:
    """The state machine of these operations: one, because Hypothesis never forgets a class."""
    take = rule(turn=_turns(operations), amount=_AMOUNTS, reason=_REASONS)(EconomyMachine.take)
    return type("Economy", (EconomyMachine,), {"operations": frozenset(operations), "take": take})


def trials(
    call: Call, connection: Connection, *, judged: Container[str], reproduce: str | None
) -> Callable[[], Trial]:
    """Return what makes a trial, of new users, for each story."""
    newcomers, observer = Newcomers(connection), Observer(connection)

    def new_trial() -> Trial:
        users = newcomers.take(len(NAMES))
        return Trial(call, connection, users, observer, judged, reproduce)

    return new_trial
