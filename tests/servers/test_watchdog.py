"""How the watchdog stops a program that may have ended by then without its having noticed."""

from __future__ import annotations

import os

import psutil
import pytest

from pytest_chopsticks.servers.watchdog import KILLED, stop


def started(script: str) -> int:
    return os.posix_spawn("/bin/sh", ["/bin/sh", "-c", script], os.environ)


@pytest.mark.parametrize(("script", "status"), [("exit 3", 3), ("kill -KILL $$", KILLED)])
def test_program_that_had_ended_has_its_status_told(script: str, status: int) -> None:
    child = started(script)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert stop(child) == status


def test_program_that_was_stopped_has_no_status() -> None:
    child = started("sleep 60 & wait")
    [sleeping] = _children(child)
    assert stop(child) is None
    assert not psutil.pid_exists(child)
    sleeping.kill()


def _children(process: int) -> list[psutil.Process]:
    while not (children := psutil.Process(process).children()):
        continue
    return children
