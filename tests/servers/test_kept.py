"""A kept server: found again, shared, replaced when it died, and gone when nobody uses it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers import Server, ServerRequest, start_server, stop_kept_servers

KEPT = ServerRequest(origin="local", keep_minutes=10)

StartElsewhere = Callable[..., Any]


@pytest.fixture(autouse=True)
def cache(run_root: Path, caches: Path) -> Iterator[Path]:
    """Stops what a test has left running, before `run_root` looks."""
    yield caches / "own" / "kept"
    stop_kept_servers()
    wait_until_empty(run_root)


def pid_of(server: Server) -> int:
    assert server.data_directory
    return int((server.data_directory / "postmaster.pid").read_text().split()[0])


def started(request: ServerRequest = KEPT) -> tuple[Server, int]:
    """A server that a run has used, and its process."""
    with start_server(request) as server:
        return server, pid_of(server)


def connect(server: Server) -> psycopg.Connection[Any]:
    where = server.endpoint
    return psycopg.connect(host=where.host, port=where.port, user=server.user, dbname="postgres")


def wait_until_ended(pid: int) -> None:
    deadline = time.monotonic() + 60
    while psutil.pid_exists(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_until_empty(run_root: Path) -> None:
    deadline = time.monotonic() + 20
    while list(run_root.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_second_run_finds_the_server_of_the_first() -> None:
    assert started() == started()


def test_server_says_that_it_is_kept() -> None:
    server, _ = started()
    assert server.kept
    assert server.detail.endswith("kept for later runs")


def test_server_is_not_kept_unless_asked_for(run_root: Path) -> None:
    with start_server(replace(KEPT, keep_minutes=None)) as server:
        assert not server.kept
    assert list(run_root.iterdir()) == []


@pytest.mark.parametrize(
    "difference",
    [{"tcp": True}, {"settings": (("work_mem", "7MB"),)}, {"origin": "embedded"}],
    ids=str,
)
def test_other_wishes_get_another_server(difference: dict[str, Any]) -> None:
    assert started()[1] != started(replace(KEPT, **difference))[1]


def test_other_programs_get_another_server(postgres_programs: dict[int, Path]) -> None:
    chosen = replace(KEPT, pg_bin=postgres_programs[16])
    assert started()[1] != started(chosen)[1]


def test_runs_at_once_share_one_server(start_elsewhere: StartElsewhere) -> None:
    runs = [start_elsewhere(origin="local", keep_minutes=10) for _ in range(3)]
    assert len({run.postmaster.pid for run in runs}) == 1


def test_server_outlives_a_killed_run(start_elsewhere: StartElsewhere) -> None:
    run = start_elsewhere(origin="local", keep_minutes=10)
    assert run.server.kept
    run.process.kill()
    run.process.wait()
    assert started()[0] == run.server


def test_another_user_gets_another_server(start_elsewhere: StartElsewhere) -> None:
    """Whose cache, and whose process, it is."""
    server, pid = started()
    other = start_elsewhere(another_user=True, origin="local", keep_minutes=0.01)
    assert other.postmaster.pid != pid
    assert psutil.Process(other.process.pid).uids().effective != os.geteuid()
    ended = other.postmaster.pid
    other.finish()
    wait_until_ended(ended)
    assert started() == (server, pid)


def test_facts_are_private(cache: Path) -> None:
    """They may hold a password."""
    started()
    assert [facts.stat().st_mode & 0o777 for facts in cache.glob("*.json")] == [0o600]


def test_idle_server_ends(run_root: Path) -> None:
    _, pid = started(replace(KEPT, keep_minutes=0.01))
    wait_until_ended(pid)
    wait_until_empty(run_root)


def test_server_stays_while_a_run_uses_it() -> None:
    with start_server(replace(KEPT, keep_minutes=0.005)) as server:
        time.sleep(2)
        assert psutil.pid_exists(pid_of(server))


def test_server_stays_while_somebody_is_connected() -> None:
    server, pid = started(replace(KEPT, keep_minutes=0.02))
    with connect(server):
        time.sleep(3)
        assert psutil.pid_exists(pid)
    wait_until_ended(pid)


def test_dead_server_is_replaced() -> None:
    _, pid = started()
    psutil.Process(pid).kill()
    assert started()[1] != pid


def test_server_whose_process_was_killed_is_replaced() -> None:
    """Even while it still answers: the watchdog, here frozen, is about to stop it."""
    server, pid = started()
    watchdog = psutil.Process(pid).parent()
    assert watchdog
    holder = watchdog.parent()
    assert holder
    watchdog.suspend()
    holder.kill()
    psutil.wait_procs([holder], timeout=20)
    assert started()[0] != server
    watchdog.resume()


def test_server_without_its_files_is_replaced() -> None:
    server, pid = started()
    (Path(server.endpoint.host) / f".s.PGSQL.{server.endpoint.port}").unlink()
    assert started()[1] != pid


def test_failure_to_start_is_told() -> None:
    request = replace(KEPT, settings=(("shared_buffers", "a lot"),))
    with pytest.raises(ServerUnavailable) as caught, start_server(request):
        pass
    assert 'invalid value for parameter "shared_buffers": "a lot"' in str(caught.value)


def test_stopping_leaves_what_a_run_uses() -> None:
    idle, pid = started(replace(KEPT, tcp=True))
    with start_server(KEPT) as used:
        assert stop_kept_servers() == [idle]
        assert not psutil.pid_exists(pid)
        connect(used).close()
    assert stop_kept_servers() == [used]
    assert stop_kept_servers() == []


def test_ctrl_c_does_not_reach_it(start_elsewhere: StartElsewhere) -> None:
    """The terminal signals its foreground process group."""
    run = start_elsewhere(origin="local", keep_minutes=10)
    assert os.getsid(run.postmaster.pid) != os.getsid(run.process.pid)
    os.kill(run.process.pid, signal.SIGINT)
    run.process.wait()
    assert started()[0] == run.server


def test_cache_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("CHOPSTICKS_CACHE_DIR", "/dev/null/cache")
        with (
            pytest.raises(ServerUnavailable, match=r"no place to note .*\n  → Set CHOPSTICKS_CACH"),
            start_server(KEPT),
        ):
            pass
