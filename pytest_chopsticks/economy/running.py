"""Runs the state machine once, reproducibly."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import cast

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from pytest_chopsticks.economy.calls import OPERATIONS, Call, MethodCalls
from pytest_chopsticks.economy.findings import INVARIANTS, InvariantBroken
from pytest_chopsticks.economy.machine import EconomyMachine, machine_of, trials
from pytest_chopsticks.economy.observation import Connection
from pytest_chopsticks.economy.shortening import Told, shorten
from pytest_chopsticks.errors import Rejected

#: Thirty stories of twenty steps; nothing is kept between runs, so that each is the same.
DEFAULT_SETTINGS = hypothesis.settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    database=None,
    print_blob=False,
    report_multiple_bugs=False,
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)


def run_economy(
    wallets: object,
    connection: Connection,
    *,
    settings: hypothesis.settings = DEFAULT_SETTINGS,
    seed: int = 0,
    refusals: tuple[type[Exception], ...] = (Rejected,),
    operations: Sequence[str] | None = None,
    judged: Container[str] = INVARIANTS,
    reproduce: str | None = None,
) -> None:
    """Try operations on wallets until an invariant breaks, or `settings` say that it is enough.

    `wallets` is an object with the methods `credit`, `debit` (user_id, amount, reason), `transfer`
    (from_user, to_user, amount, reason), `deposit` and `withdraw` (user_id, amount), or those of
    them that it has; they refuse by an exception of `refusals`. Or it is a driver's `call`.
    `connection` sees what they commit: in autocommit mode, with the tables in its search_path.

    The same seed tries the same operations. Raises InvariantBroken with the shortest story found
    of the `judged` invariants, and whatever an operation raised that had to be accepted.
    """
    call = cast("Call", wallets) if callable(wallets) else MethodCalls(wallets, refusals)
    if operations is None:
        operations = call.operations if isinstance(call, MethodCalls) else OPERATIONS
    reproduce = reproduce or f"run_economy(…, seed={seed})"
    new_trial = trials(call, connection, judged=judged, reproduce=reproduce)
    machine = machine_of(tuple(operations))
    stories: list[Told] = []

    @hypothesis.seed(seed)
    def new_machine() -> EconomyMachine:
        return machine(new_trial(), stories)

    searched = [phase for phase in settings.phases if phase not in (Phase.shrink, Phase.explain)]
    try:
        run_state_machine_as_test(
            new_machine,  # type: ignore[arg-type]  # It takes a function as well.
            settings=hypothesis.settings(settings, phases=searched),
        )
    except (Flaky, InvariantBroken):
        # Flaky: Hypothesis did not see it again; it was seen all the same.
        if not stories:
            raise
    if stories:
        shorter = Phase.shrink in settings.phases
        raise shorten(stories[0], new_trial) if shorter else stories[0].broken
