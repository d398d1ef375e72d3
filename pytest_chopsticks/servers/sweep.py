"""Removes what killed runs left: run directories, and servers still running in them.

A directory is judged by its lock, then by the process that made it, never by its name or age.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from pytest_chopsticks.servers.run_directory import PREFIX, try_lock
from pytest_chopsticks.servers.watchdog import clear

#: Seconds by which two readings of a process's start may differ when the clock is set in between.
CLOCK_STEP = 5.0


def sweep(roots: Iterable[Path]) -> None:
    """Remove abandoned run directories of our own user; anything else is left alone."""
    for root in roots:
        for path in sorted(root.glob(f"{PREFIX}*")):
            with suppress(OSError, psutil.Error):
                _sweep_one(path)


def _sweep_one(path: Path) -> None:
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(directory).st_uid == os.geteuid() and try_lock(directory):
            _remove_if_abandoned(path)
    finally:
        os.close(directory)


def _remove_if_abandoned(path: Path) -> None:
    try:
        owner = json.loads((path / "owner").read_text())
        alive = _is_alive(owner["pid"], owner["started"])
    except (OSError, ValueError, KeyError, TypeError):
        # Not ours, or its maker was killed before it wrote anything: then it is empty.
        path.rmdir()
        return
    if not alive:
        _kill(list(_servers_in(path / "data")))
        clear(path)


def _is_alive(pid: int, started: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) < CLOCK_STEP
    except psutil.NoSuchProcess:
        return False


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
    # A limit, since without a reaping init, as in some containers, the dead stay zombies.
    psutil.wait_procs(processes, timeout=1)


def _servers_in(data: Path) -> Iterator[psutil.Process]:
    """A Postgres works in its data directory, the postmaster and every other process of it."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if Path(process.cwd()) == data:
                yield process
