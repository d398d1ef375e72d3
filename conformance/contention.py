"""Runs operations at the same time through several drivers, and takes down what happened."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from pytest_chopsticks.economy.calls import Call, answer
from pytest_chopsticks.economy.observation import Connection, Observation, Observer
from pytest_chopsticks.economy.trial import NAMES, Newcomers
from pytest_chopsticks.violation import Violation

from .disturbances import UNDISTURBED, Disturbance
from .economy_bench import WALLETS, EconomyBench, ReopenedDriver
from .held_locks import Gate
from .histories import Event, History, in_order_of_beginning, kind_of
from .observing_driver import ImmutableRows

#: An operation that takes longer than this is taken to hang; a good one takes milliseconds.
TIME_LIMIT_S = 60.0

_BANK_CAPACITY = 80

Operation = tuple[str, Mapping[str, object]]
Script = Sequence[Operation]
#: Makes the scripts of a round, one a driver, from the operations claimed and the users.
Scenario = Callable[[random.Random, Sequence[str], Sequence[str], int], list[list[Operation]]]


@dataclass(frozen=True, slots=True)
class Round:
    """One meeting of operations: its history, and the tables before and after it."""

    history: History
    before: Observation
    after: Observation


@dataclass(frozen=True, slots=True)
class Contest:
    """Drivers at work on one database, two wallets that they fight for, and the gate between."""

    bench: EconomyBench
    drivers: Sequence[ReopenedDriver]
    connection: Connection
    gate: Gate
    owner: Connection
    observer: Observer
    newcomers: Newcomers
    immutable_rows: ImmutableRows

    def rounds(
        self,
        scenario: Scenario,
        count: int,
        *,
        funds: int = 100,
        disturbance: Disturbance = UNDISTURBED,
    ) -> Iterator[Round]:
        """Play rounds with new users each, who hold `funds` each at the start."""
        for number in range(count):
            seed = self.bench.seed * 1_000_003 + number
            users = self.newcomers.take(2)
            self._fund(users, funds)
            draw = random.Random(seed)  # noqa: S311
            scripts = scenario(draw, self.bench.operations, users, len(self.drivers))
            yield self._play(seed, users, scripts, disturbance)
            self.immutable_rows.look(WALLETS)

    def _fund(self, users: Sequence[str], funds: int) -> None:
        for user in users:
            outcome = self.drivers[0]("wallets.credit", user_id=user, amount=funds, reason="funds")
            outcome.expect_accepted(f"credit {funds} to a new user (wallets.credit)")
        # So small that it is fought for as well.
        self.owner.execute(
            "UPDATE user_wallets SET bank_capacity = %s WHERE user_id = ANY (%s)",
            [_BANK_CAPACITY, list(users)],
        )

    def _play(
        self, seed: int, users: Sequence[str], scripts: Sequence[Script], disturbance: Disturbance
    ) -> Round:
        before = self.observer.observe(users)
        events = self._run(users, scripts, disturbance)
        if disturbance is not UNDISTURBED:
            self._start_over()
        after = self.observer.observe(users)
        names = dict(zip(users, NAMES, strict=False))
        history = History(seed, names, before.holdings, events, after.holdings)
        return Round(history, before, after)

    def _start_over(self) -> None:
        """End what was disturbed, so that nothing of it goes on in the next round."""
        for driver in self.drivers:
            driver.give_up()
        self.gate.wait_for_others_to_end()

    def _run(
        self, users: Sequence[str], scripts: Sequence[Script], disturbance: Disturbance
    ) -> tuple[Event, ...]:
        """Hold the wallets until every driver wants them, so that all begin at once."""
        epoch = time.monotonic_ns()
        with ThreadPoolExecutor(len(scripts)) as pool:
            with self.gate.hold_wallets(users):
                parts = [
                    pool.submit(_perform, driver, number, script, epoch)
                    for number, (driver, script) in enumerate(
                        zip(self.drivers, scripts, strict=True), 1
                    )
                ]
                self.gate.wait_for(len(parts), lambda: sum(part.done() for part in parts))
                disturbance.while_waiting(self.gate, self.drivers)
            disturbance.at_work(self.gate, self.drivers)
            self._expect_end(parts)
        return in_order_of_beginning([event for part in parts for event in part.result()])

    def _expect_end(self, parts: Sequence[Future[list[Event]]]) -> None:
        _, hanging = wait(parts, TIME_LIMIT_S)
        if hanging:
            self.gate.terminate_others()
            raise Violation(
                expected="every operation ends, accepted or rejected",
                actual=f"{len(hanging)} of {len(parts)} drivers were still at it after"
                f" {TIME_LIMIT_S:.0f} s",
            )


@contextmanager
def contest(bench: EconomyBench, drivers: int) -> Iterator[Contest]:
    """Open the drivers on a fresh database, and the gate."""
    with ExitStack() as stack:
        database, immutable_rows = stack.enter_context(bench.watched())
        connection = stack.enter_context(bench.observe(database))
        holder = stack.enter_context(bench.connect(database))
        watcher = stack.enter_context(bench.connect(database))
        gate = Gate(holder, watcher)
        opened = stack.enter_context(bench.drivers(database, drivers))
        yield Contest(
            bench,
            opened,
            connection,
            gate,
            watcher,
            Observer(connection),
            Newcomers(connection),
            immutable_rows,
        )


def _perform(call: Call, driver: int, script: Script, epoch: int) -> list[Event]:
    events = []
    for operation, arguments in script:
        began = time.monotonic_ns()
        kind, said = kind_of(answer(call, operation, dict(arguments)))
        ended = time.monotonic_ns()
        first, last = (began - epoch) // 1_000, (ended - epoch) // 1_000
        events.append(Event(driver, operation, arguments, first, last, kind, said))
    return events
