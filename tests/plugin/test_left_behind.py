"""However pytest ends, its server ends with it, and nothing of it stays."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.plugin.scratch import Scratch

#: Two tests at once where there are two workers; each says where its server is, and stays.
SLEEPERS = """
    import json
    import os
    import pytest
    import time
    from pathlib import Path

    @pytest.mark.parametrize("number", [1, 2])
    def test_sleep(number, chopsticks_server, chopsticks_db):
        told = Path(__file__).with_name(f"sleeping-{number}")
        where = str(chopsticks_server.data_directory)
        told.with_suffix(".tmp").write_text(json.dumps([where, os.getpid()]))
        told.with_suffix(".tmp").rename(told)
        time.sleep(600)
"""


@pytest.fixture
def sleeping(scratch: Scratch) -> Scratch:
    """A repository whose tests do not end."""
    scratch.write("test_sleep.py", SLEEPERS)
    return scratch


def wait_for_sleeper(scratch: Scratch, process: subprocess.Popen[bytes], number: int = 1) -> int:
    """Wait until a test sleeps; its process."""
    told = scratch.root / f"sleeping-{number}"
    deadline = time.monotonic() + 60
    while not told.exists():
        assert process.poll() is None, (scratch.root / "output").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    directory, pid = json.loads(told.read_text())
    assert Path(directory).is_relative_to(scratch.run_root)
    assert scratch.left_behind()
    return int(pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_signal_during_a_test(number: signal.Signals, sleeping: Scratch) -> None:
    with sleeping.running("--chopsticks-db") as process:
        wait_for_sleeper(sleeping, process)
        process.send_signal(number)
        assert process.wait(20) != 0
    sleeping.wait_until_nothing_is_left()


def test_kill_of_the_controller_of_two_workers(sleeping: Scratch) -> None:
    with sleeping.running("--chopsticks-db", "-n", "2") as process:
        workers = [wait_for_sleeper(sleeping, process, number) for number in (1, 2)]
        process.kill()
        process.wait()
        try:
            sleeping.wait_until_nothing_is_left()
        finally:
            # They would end by themselves, some ten seconds later.
            for worker in workers:
                psutil.Process(worker).kill()


def test_next_run_removes_what_a_kill_left(sleeping: Scratch) -> None:
    """Even when the watchdog, which would have done so, was killed first."""
    with sleeping.running("--chopsticks-db") as process:
        wait_for_sleeper(sleeping, process)
        [watchdog] = psutil.Process(process.pid).children()
        watchdog.suspend()
        process.kill()
        process.wait()
        watchdog.kill()
    assert sleeping.left_behind()
    sleeping.write("test_awake.py", "def test_awake(chopsticks_conn): pass")
    outcome = sleeping.pytest("--chopsticks-db", "test_awake.py")
    assert "1 passed" in outcome.output
    assert sleeping.left_behind() == []


def test_run_in_another_directory_is_undisturbed(
    sleeping: Scratch, clusters: Path, tmp_path: Path
) -> None:
    """By a kill, and by the next run's tidying up."""
    other = tmp_path / "other"
    other.mkdir()
    release = other / "go-on"
    (other / "test_patient.py").write_text(
        f"""
import time
from pathlib import Path

def test_patient(chopsticks_db):
    with chopsticks_db.connect(autocommit=True) as connection:
        Path("started").touch()
        while not Path({str(release)!r}).exists():
            connection.execute("SELECT pg_sleep(0.02)")
        connection.execute("INSERT INTO agent_runners VALUES ('r', 1)")
    assert chopsticks_db.connect().execute("SELECT count(*) FROM agent_runners").fetchone() == (1,)

def test_afterwards(chopsticks_conn):
    assert chopsticks_conn.execute("SELECT count(*) FROM agent_runners").fetchone() == (0,)
"""
    )
    undisturbed = Scratch(
        other, sleeping.run_root, Path(sleeping.environment["CHOPSTICKS_CACHE_DIR"])
    )
    with undisturbed.running("--chopsticks-db") as patient:
        while not (other / "started").exists():
            assert patient.poll() is None, (other / "output").read_text()
            time.sleep(0.02)
        with sleeping.running("--chopsticks-db", "test_sleep.py") as process:
            wait_for_sleeper(sleeping, process)
            process.kill()
        sleeping.write("test_awake.py", "def test_awake(chopsticks_conn): pass")
        assert "1 passed" in sleeping.pytest("--chopsticks-db", "test_awake.py").output
        release.touch()
        assert patient.wait(60) == 0
