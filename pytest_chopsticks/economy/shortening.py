"""Keeps the shortest story, and ends the search for shorter ones when it has taken long enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import hypothesis

from pytest_chopsticks.economy.findings import InvariantBroken
from pytest_chopsticks.economy.machine import EconomyMachine

#: Stories tried after the first that fails. By then most are minimal, and each costs a database
#: some dozen transactions; Hypothesis alone would go on for up to five minutes.
TRIES = 150


@dataclass(slots=True)
class Shortening:
    """What a search has found so far."""

    shortest: InvariantBroken | None = None
    tries: int = 0

    def expect_patience(self) -> None:
        """Count a story; tells Hypothesis to discard it once there were enough."""
        self.tries += self.shortest is not None
        hypothesis.assume(self.tries <= TRIES)

    def keep(self, broken: InvariantBroken) -> None:
        if self.shortest is None or _length(broken) <= _length(self.shortest):
            self.shortest = broken


def shortened(machine: type[EconomyMachine], shortening: Shortening) -> type[EconomyMachine]:
    """Return a machine that reports to `shortening`."""

    class Shortened(machine):  # type: ignore[valid-type, misc]
        def __init__(self) -> None:
            shortening.expect_patience()
            super().__init__()

        def perform(self, operation: str, of: int, **arguments: Any) -> None:
            try:
                super().perform(operation, of, **arguments)
            except InvariantBroken as broken:
                shortening.keep(broken)
                raise

    return Shortened


def _length(broken: InvariantBroken) -> tuple[int, int]:
    return len(broken.story), len("".join(broken.story))
