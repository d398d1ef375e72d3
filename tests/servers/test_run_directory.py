"""A run directory that another run's sweep finds before it is locked."""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_chopsticks.servers.run_directory import run_directory

#: Seconds for which the sweep holds the lock; the maker is there long before.
LOOK = 0.2


def looks_at(draft: Path) -> None:
    """What a sweep does that sees the maker live."""
    _hold(draft, lambda: None)


def looks_at_and_removes(draft: Path) -> None:
    """What a sweep does that cannot see the maker's process."""
    _hold(draft, draft.rmdir)


def removes_before_it_is_opened(draft: Path) -> None:
    draft.rmdir()


@pytest.mark.parametrize("sweep", [looks_at, looks_at_and_removes, removes_before_it_is_opened])
def test_fresh_directory_that_a_sweep_finds_is_not_lost_and_not_left(
    sweep: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = tempfile.mkdtemp
    sweeps = [sweep]

    def made_and_swept(prefix: str, dir: Path) -> str:  # noqa: A002
        draft = make(prefix=prefix, dir=dir)
        if sweeps:
            sweeps.pop()(Path(draft))
        return draft

    monkeypatch.setattr(tempfile, "mkdtemp", made_and_swept)
    with run_directory(tmp_path, None) as directory:
        assert list(tmp_path.iterdir()) == [directory.path]
        assert (directory.path / "owner").exists()
    assert list(tmp_path.iterdir()) == []


def _hold(draft: Path, act: Callable[[], None]) -> None:
    """Hold the lock, act in the end, and let it go."""
    descriptor = os.open(draft, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    def end() -> None:
        act()
        os.close(descriptor)

    threading.Timer(LOOK, end).start()
