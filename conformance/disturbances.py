"""What happens to operations while they run at the same time: nothing, or some of them are cut."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .economy_bench import ReopenedDriver
from .held_locks import Gate

_LONGEST_DELAY_S = 0.003

Deed = Callable[[Gate, Sequence[ReopenedDriver]], None]


def _nothing(gate: Gate, drivers: Sequence[ReopenedDriver]) -> None:
    del gate, drivers


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is done while all wait for the wallets, and once they are at work."""

    while_waiting: Deed = _nothing
    at_work: Deed = _nothing


UNDISTURBED = Disturbance()


def disturbances(seed: int, *, killable: bool) -> Sequence[Disturbance]:
    """Each way to disturb: connections are terminated, and a process is killed if there is one."""
    draw = random.Random(seed)  # noqa: S311

    def terminate_later(gate: Gate, drivers: Sequence[ReopenedDriver]) -> None:
        del drivers
        time.sleep(draw.uniform(0, _LONGEST_DELAY_S))
        gate.terminate_others()

    def kill_later(gate: Gate, drivers: Sequence[ReopenedDriver]) -> None:
        del gate
        time.sleep(draw.uniform(0, _LONGEST_DELAY_S))
        draw.choice(drivers).kill()

    terminated = (
        Disturbance(while_waiting=_terminate_waiting),
        Disturbance(at_work=terminate_later),
    )
    return (*terminated, Disturbance(at_work=kill_later)) if killable else terminated


def _terminate_waiting(gate: Gate, drivers: Sequence[ReopenedDriver]) -> None:
    """So that whoever tries again meets the others that do."""
    waiting = gate.waiting()
    gate.terminate(waiting)
    gate.wait_for(len(drivers), lambda: 0)
