"""A process as the owner of what it made: told from a later one with the same id by its start."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Self

import psutil

#: Seconds by which two readings of a process's start may differ when the clock is set in between.
CLOCK_STEP = 5.0


@dataclass(frozen=True, slots=True)
class Owner:
    """A process id with the time at which that process started, in seconds of the epoch."""

    pid: int
    started: float

    @classmethod
    def current(cls) -> Self:
        return cls.of(os.getpid())

    @classmethod
    def of(cls, pid: int) -> Self:
        """Raises `psutil.NoSuchProcess`."""
        return cls(pid, psutil.Process(pid).create_time())

    @property
    def lives(self) -> bool:
        """A process that has ended, but that nobody has waited for, does not."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < CLOCK_STEP
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
