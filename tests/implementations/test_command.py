"""Commands that end well, badly, or not at all."""

import os
import shlex
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from pytest_chopsticks.implementations.command import (
    OUTPUT_LIMIT,
    CommandResult,
    command_environment,
    run_command,
)
from pytest_chopsticks.implementations.redaction import Redactor

PATH = {"PATH": os.environ["PATH"]}


def run(command: str, cwd: Path, time_limit: float = 30) -> CommandResult:
    return run_command(command, cwd=cwd, env=PATH, time_limit=time_limit)


def is_gone(pid: int) -> bool:
    """Whether the process ends: one that was killed may take a moment to do so."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


def test_both_streams_and_the_exit_status_are_kept(tmp_path: Path) -> None:
    result = run("echo out; echo err >&2; exit 3", tmp_path)
    assert (result.exit_status, result.stdout, result.stderr) == (3, "out\n", "err\n")
    assert result.output == "out\nerr"
    assert not result.timed_out


def test_it_runs_in_the_given_directory_without_standard_input(tmp_path: Path) -> None:
    assert run("pwd; cat", tmp_path).stdout == f"{tmp_path}\n"


def test_garbage_is_decoded_with_replacements(tmp_path: Path) -> None:
    assert run(r"printf '\377\0x'", tmp_path).stdout == "\ufffd\0x"


def test_a_flood_keeps_its_end_only(tmp_path: Path) -> None:
    result = run("yes 0123456789 | head -c 20000000; echo the end >&1; echo e >&2", tmp_path)
    assert result.stdout.endswith("the end\n")
    assert result.stdout.startswith("[19934")
    assert len(result.stdout) <= OUTPUT_LIMIT + 100
    assert result.stderr == "e\n"


def test_a_hanging_command_is_stopped_with_its_children(tmp_path: Path) -> None:
    result = run("sleep 600 & echo $!; echo $$; echo started; wait", tmp_path, time_limit=0.3)
    child, shell, _ = result.stdout.split()
    assert result.timed_out
    assert is_gone(int(child))
    assert is_gone(int(shell))


def test_a_command_out_of_time_is_first_asked_to_end(tmp_path: Path) -> None:
    result = run("trap 'echo tidied up; exit 4' TERM; sleep 600 & wait", tmp_path, time_limit=0.3)
    assert (result.timed_out, result.exit_status, result.stdout) == (True, 4, "tidied up\n")


def test_a_command_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    result = run("trap '' TERM; echo $$; while :; do sleep 600; done", tmp_path, time_limit=0.3)
    assert result.timed_out
    assert result.exit_status == -9
    assert is_gone(int(result.stdout))


def test_a_child_that_outlives_the_command_is_ended(tmp_path: Path) -> None:
    result = run("sleep 600 & echo $!", tmp_path)
    assert (result.exit_status, result.timed_out) == (0, False)
    assert is_gone(int(result.stdout))


def test_a_child_of_its_own_session_is_not_waited_for(tmp_path: Path) -> None:
    """It holds both streams open, and no signal to the group reaches it."""
    code = "import os,time; os.setsid(); print(os.getpid(), flush=True); time.sleep(600)"
    daemon = f"{sys.executable} -c {shlex.quote(code)}"
    result = run(f"{daemon} & sleep 1; echo done", tmp_path)
    pid, done = result.stdout.split()
    psutil.Process(int(pid)).kill()
    assert done == "done"
    assert result.duration_s < 60


def test_an_interruption_leaves_no_process(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with pytest.raises(KeyboardInterrupt):
        run(f"sleep 600 & echo $! > {pid_file}; sleep 0.5; kill -INT $PPID; wait", tmp_path)
    assert is_gone(int(pid_file.read_text()))


def test_secrets_are_masked_everywhere(tmp_path: Path) -> None:
    result = run_command(
        "echo s3cret; echo s3cret >&2",
        cwd=tmp_path,
        env=PATH,
        time_limit=30,
        redactor=Redactor(("s3cret",)),
    )
    assert "s3cret" not in repr(result)
    assert result.stdout == result.stderr == "***\n"


def test_no_descriptor_and_no_thread_is_left(tmp_path: Path) -> None:
    run("true", tmp_path)
    before = (psutil.Process().num_fds(), threading.active_count())
    for _ in range(3):
        run("echo x", tmp_path)
    assert (psutil.Process().num_fds(), threading.active_count()) == before


def test_the_callers_libpq_settings_do_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSERVICE", "production")
    monkeypatch.setenv("PGHOST", "production.example")
    monkeypatch.setenv("DATABASE_URL", "postgresql://production.example")
    monkeypatch.setenv("EDITOR", "vi")
    environment = command_environment(
        {"PGHOST": "127.0.0.1", "DATABASE_URL": "postgresql://127.0.0.1"}, {"MODE": "test"}
    )
    assert "PGSERVICE" not in environment
    assert environment["PGHOST"] == "127.0.0.1"
    assert environment["DATABASE_URL"] == "postgresql://127.0.0.1"
    assert (environment["EDITOR"], environment["MODE"]) == ("vi", "test")


def test_the_targets_environment_wins() -> None:
    assert command_environment({"PGHOST": "a"}, {"PGHOST": "b"})["PGHOST"] == "b"
