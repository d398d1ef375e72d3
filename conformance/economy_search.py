"""The search for a story that breaks an invariant, shared by the requirements it can break."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hypothesis import Phase, settings

from pytest_chopsticks.economy import DEFAULT_SETTINGS, INVARIANTS, Trial, run_economy
from pytest_chopsticks.economy.observation import Observer
from pytest_chopsticks.economy.trial import NAMES, Newcomers

from .economy_bench import EconomyBench, ReopenedDriver
from .economy_cases import perform_cases


@dataclass(slots=True)
class EconomySearch:
    """Judges all invariants at once first; only when something is wrong, each by itself.

    So a sound implementation is searched once, and a broken one is told which requirement it
    breaks, by the shortest story for that one.
    """

    bench: EconomyBench
    _sound: bool | None = field(default=None, init=False)

    def judge(self, invariant: str, reproduce: str) -> None:
        """Raise InvariantBroken if a story breaks the invariant."""
        if self._sound is None:
            self._sound = self._is_sound()
        if not self._sound:
            self._search((invariant,), reproduce, shrink=True)

    def _is_sound(self) -> bool:
        try:
            self._search(INVARIANTS, "", shrink=False)
        except Exception:  # noqa: BLE001
            # Told by the search for the invariant that it breaks, or the fault that it is.
            return False
        return True

    def _search(self, judged: tuple[str, ...], reproduce: str, *, shrink: bool) -> None:
        phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
        how = settings(
            DEFAULT_SETTINGS,
            phases=phases,
            max_examples=self.bench.at_profile(quick=10, default=30, thorough=30),
            stateful_step_count=self.bench.at_profile(quick=15, default=20, thorough=40),
        )
        for round_ in range(self.bench.at_profile(quick=1, default=1, thorough=130)):
            with self._trial(judged, reproduce) as trial:
                expect_credit(trial)
                perform_cases(trial, self.bench.operations)
                run_economy(
                    trial.call,
                    trial.connection,
                    settings=how,
                    seed=self.bench.seed + round_,
                    operations=self.bench.operations,
                    judged=judged,
                    reproduce=reproduce,
                )

    @contextmanager
    def _trial(self, judged: tuple[str, ...], reproduce: str) -> Iterator[Trial]:
        bench = self.bench
        with (
            bench.watched() as (database, _),
            bench.observe(database) as connection,
            ReopenedDriver(bench.implementation, database) as driver,
        ):
            users = Newcomers(connection).take(len(NAMES))
            observer = Observer(connection)
            yield Trial(driver, connection, users, observer, judged, reproduce)


def expect_credit(trial: Trial) -> None:
    """Raise ImplementationFault unless a wallet can be had: nothing could be judged without."""
    user = Newcomers(trial.connection).take(1)[0]
    outcome = trial.call("wallets.credit", user_id=user, amount=100, reason="daily")
    outcome.expect_accepted("credit 100 to a new user (wallets.credit)")
