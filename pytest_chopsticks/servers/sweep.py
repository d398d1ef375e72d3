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

from pytest_chopsticks.servers.owner import Owner
from pytest_chopsticks.servers.run_directory import (
    DRAFT_PREFIX,
    PREFIX,
    draft_owner,
    try_lock,
)
from pytest_chopsticks.servers.watchdog import clear


def sweep(roots: Iterable[Path]) -> None:
    """Remove abandoned run directories of our own user; anything else is left alone."""
    for root in roots:
        for path in sorted([*root.glob(f"{PREFIX}*"), *root.glob(f"{DRAFT_PREFIX}*")]):
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
    owner = _written_owner(path)
    if owner and not owner.lives:
        _kill(list(_servers_in(path / "data")))
        clear(str(path))
    elif not owner and (maker := draft_owner(path)) and not maker.lives:
        # Killed before it had written more than a part of this.
        (path / "owner").unlink(missing_ok=True)
        path.rmdir()


def _written_owner(path: Path) -> Owner | None:
    """None when the directory is a stranger's, or its maker was killed too early."""
    try:
        return Owner(**json.loads((path / "owner").read_text()))
    except (OSError, ValueError, TypeError):
        return None


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
