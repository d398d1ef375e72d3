"""Finds what a driver left running, wherever it went.

A child can leave its parent, its process group and its session; it keeps its environment. So each
driver is started with a variable of its own, and whatever has it belongs to that driver.
"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

VARIABLE = "CHOPSTICKS_DRIVER_PROCESS"

_CLOCK_SLACK_S = 60.0


@dataclass(frozen=True, slots=True)
class Mark:
    """The value of one driver's variable, and when it was given."""

    value: str = field(default_factory=lambda: secrets.token_hex(16))
    since: float = field(default_factory=lambda: time.time() - _CLOCK_SLACK_S)

    def bearers(self) -> list[psutil.Process]:
        """The processes of that driver that are still running."""
        return [process for process in psutil.process_iter() if self._is_on(process)]

    def _is_on(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            return (
                process.create_time() >= self.since
                and process.status() != psutil.STATUS_ZOMBIE
                and process.environ().get(VARIABLE) == self.value
            )
        return False


def kill(processes: list[psutil.Process]) -> None:
    """Kill them, and wait until they are gone."""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=5)
