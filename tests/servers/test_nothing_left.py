"""However a run ends, its server ends with it, and its directory is removed.

The `run_root` fixture fails every test here that leaves a directory or a process.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers import ServerRequest, start_server

from .conftest import segment_exists

pytestmark = pytest.mark.usefixtures("run_root")

StartElsewhere = Callable[..., Any]


def start_another() -> None:
    """Any start sweeps."""
    with start_server(ServerRequest()):
        pass


def test_end_of_the_context_removes_everything(run_root: Path) -> None:
    with start_server(ServerRequest()):
        assert list(run_root.iterdir())
    assert list(run_root.iterdir()) == []


def test_exception_in_the_context_comes_through(run_root: Path) -> None:
    with pytest.raises(ZeroDivisionError), start_server(ServerRequest()):
        raise ZeroDivisionError
    assert list(run_root.iterdir()) == []


@pytest.mark.parametrize("unprivileged", [False, True])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_signal_to_the_starter(
    number: int, unprivileged: bool, start_elsewhere: StartElsewhere
) -> None:
    run = start_elsewhere(unprivileged=unprivileged)
    assert run.directory.exists()
    run.process.send_signal(number)
    run.wait_until_gone()


def test_sigkill_while_a_forked_child_lives_on(start_elsewhere: StartElsewhere) -> None:
    """The child holds the other end of the watchdog's pipe, and the lock."""
    run = start_elsewhere(fork=True)
    assert run.directory.exists()
    [child] = [
        process
        for process in psutil.Process(run.process.pid).children()
        if process.pid != run.watchdog.pid
    ]
    run.process.kill()
    run.wait_until_gone()
    assert child.is_running()
    child.kill()


def test_ctrl_c_does_not_reach_the_server(start_elsewhere: StartElsewhere) -> None:
    """The terminal signals its foreground process group."""
    run = start_elsewhere()
    for process in (run.watchdog, run.postmaster):
        assert os.getsid(process.pid) == run.watchdog.pid != os.getsid(run.process.pid)


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 0.7])
def test_sigkill_while_starting(
    delay: float,
    start_elsewhere: StartElsewhere,
    run_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In whatever stage: the empty cache makes initdb one of them."""
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(tmp_path))
    run = start_elsewhere(origin="local")
    time.sleep(delay)
    run.process.kill()
    run.process.wait()
    start_another()
    deadline = time.monotonic() + 20
    while list(run_root.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_next_start_sweeps_after_a_killed_starter_and_watchdog(
    start_elsewhere: StartElsewhere,
) -> None:
    run = start_elsewhere()
    run.kill_with_its_watchdog()
    assert psutil.pid_exists(run.postmaster.pid)
    start_another()
    run.wait_until_gone()


def test_sweep_removes_the_shared_memory_of_a_killed_postmaster(
    start_elsewhere: StartElsewhere,
) -> None:
    run = start_elsewhere()
    key, postmaster = run.segment_key, run.postmaster
    run.kill_with_its_watchdog()
    postmaster.kill()
    assert segment_exists(key)
    start_another()
    assert not segment_exists(key)


def test_sweep_leaves_a_living_run_alone(start_elsewhere: StartElsewhere) -> None:
    run = start_elsewhere()
    assert run.directory.exists()
    start_another()
    where = run.server.endpoint
    with psycopg.connect(
        host=where.host, port=where.port, user=run.server.user, dbname="postgres"
    ) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_sweep_leaves_a_locked_directory_alone_whatever_its_owner(
    start_elsewhere: StartElsewhere,
) -> None:
    """Containers that share /dev/shm do not see each other's processes."""
    run = start_elsewhere()
    (run.directory / "owner").write_text(json.dumps({"pid": run.process.pid, "started": 0}))
    start_another()
    assert run.postmaster.is_running()


@pytest.mark.parametrize(("age", "survives"), [(0, True), (60, False)])
def test_sweep_judges_an_unlocked_directory_by_its_owner(
    age: int, survives: bool, run_root: Path
) -> None:
    """A process of the same id that started at another time is another process."""
    directory = run_root / "chopsticks-unlocked"
    directory.mkdir()
    owner = {"pid": os.getpid(), "started": psutil.Process().create_time() - age}
    (directory / "owner").write_text(json.dumps(owner))
    start_another()
    assert directory.exists() == survives
    shutil.rmtree(directory, ignore_errors=True)


def test_sweep_leaves_a_run_alone_whose_watchdog_was_killed(
    start_elsewhere: StartElsewhere,
) -> None:
    run = start_elsewhere()
    watchdog, postmaster = run.watchdog, run.postmaster
    watchdog.kill()
    start_another()
    assert postmaster.is_running()
    run.process.kill()
    run.process.wait()
    start_another()
    run.wait_until_gone()


def test_sweep_leaves_alone_what_only_has_the_name(run_root: Path) -> None:
    stranger = run_root / "chopsticks-recipes"
    stranger.mkdir()
    (stranger / "ramen.txt").write_text("noodles")
    start_another()
    assert (stranger / "ramen.txt").read_text() == "noodles"
    (stranger / "ramen.txt").unlink()
    stranger.rmdir()


@pytest.mark.parametrize("name", ["chopsticks-empty", ".chopsticks-x"])
def test_sweep_leaves_an_empty_directory_alone_that_only_has_the_name(
    name: str, run_root: Path
) -> None:
    (run_root / name).mkdir()
    start_another()
    (run_root / name).rmdir()


@pytest.mark.parametrize("owner", [None, "", '{"pid": 4'])
def test_sweep_removes_what_was_killed_before_it_was_complete(
    owner: str | None, run_root: Path
) -> None:
    """The process of this id started at another time."""
    draft = run_root / f".chopsticks-{os.getpid()}-1000-abcdefgh"
    draft.mkdir()
    if owner is not None:
        (draft / "owner").write_text(owner)
    start_another()
    assert not draft.exists()


def test_killed_server_is_reported_at_the_end() -> None:
    context = start_server(ServerRequest())
    server = context.__enter__()
    assert server.data_directory
    postmaster = psutil.Process(
        int((server.data_directory / "postmaster.pid").read_text().split()[0])
    )
    postmaster.kill()
    postmaster.wait(10)
    with pytest.raises(ServerUnavailable, match="postgres ended before the run did"):
        context.__exit__(None, None, None)
