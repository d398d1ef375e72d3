"""A run root of its own for each test, and servers started by other processes."""

from __future__ import annotations

import ctypes
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import pytest

from pytest_chopsticks.servers import Server
from pytest_chopsticks.servers.account import Account
from tests.user_namespace import as_root, remove

collect_ignore = ["test_as_namespace_root.py" if os.geteuid() == 0 else "test_as_root.py"]

STARTER = Path(__file__).with_name("starter.py")
MEMORY = Path("/dev/shm")

#: Someone else than ourselves, and than root.
ANOTHER = pwd.getpwnam("nobody")


class OtherRun:
    """A process that starts a server, or fails to. What it says is read when it is asked for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    @cached_property
    def said(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.error
        return json.loads(line)

    @property
    def server(self) -> Server:
        return Server.from_dict(self.said["server"])

    @property
    def error(self) -> str:
        return self.process.communicate()[1]

    @property
    def directory(self) -> Path:
        assert self.server.data_directory
        return self.server.data_directory.parent

    @property
    def postmaster(self) -> psutil.Process:
        return psutil.Process(int(self.said["lock_file"][0]))

    @property
    def segment_key(self) -> int:
        """Of the server's System V shared memory."""
        return int(self.said["lock_file"][6].split()[0])

    @property
    def watchdog(self) -> psutil.Process:
        watchdog = self.postmaster.parent()
        assert watchdog
        return watchdog

    def finish(self) -> int:
        self.process.communicate()
        return self.process.wait()

    def kill_with_its_watchdog(self) -> None:
        """The watchdog first, frozen, since it notices the starter's death at once."""
        watchdog = self.watchdog
        watchdog.suspend()
        self.process.kill()
        self.process.wait()
        watchdog.kill()
        psutil.wait_procs([watchdog], timeout=10)

    def wait_until_gone(self) -> None:
        """Until directory and processes of the server are gone; fails if they stay."""
        deadline = time.monotonic() + 20
        while self.directory.exists() or processes_below(self.directory):
            assert time.monotonic() < deadline, [self.directory, *processes_below(self.directory)]
            time.sleep(0.02)


@pytest.fixture(scope="session")
def caches() -> Iterator[Path]:
    """Caches for the whole session, where everyone can reach them, unlike `tmp_path`."""
    root = Path(tempfile.mkdtemp(prefix="caches-")).resolve()
    root.chmod(0o755)
    (root / "own").mkdir()
    # Everyone's, who makes a directory of their own in it.
    (root / "others").mkdir()
    (root / "others").chmod(0o777)
    yield root
    remove(root)


@pytest.fixture
def local_programs(postgres_programs: dict[int, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation on PATH, so that there is a local server on every machine."""
    programs = postgres_programs[15]
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return programs


@pytest.fixture
def run_root(caches: Path, local_programs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the test's servers live. Afterwards nothing may be left in it."""
    root = Path(tempfile.mkdtemp(prefix="run-", dir=MEMORY if MEMORY.is_dir() else None))
    root.chmod(0o1777)
    monkeypatch.setenv("CHOPSTICKS_RUN_DIR", str(root))
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(caches / "own"))
    yield root
    survivors = processes_below(root)
    left = [*root.iterdir(), *survivors]
    for process in survivors:
        process.kill()
    shutil.rmtree(root)
    assert left == []


@pytest.fixture
def start_elsewhere(run_root: Path, caches: Path) -> Iterator[Callable[..., OtherRun]]:
    """Start a server in another process, on request as another user, or by a command.

    `unprivileged` makes it another user if we are root, `another_user` in any case.
    """
    with ExitStack() as stack:

        def start(
            *,
            unprivileged: bool = False,
            another_user: bool = False,
            within: Sequence[str] = (),
            **wish: Any,
        ) -> OtherRun:
            environment = dict(os.environ)
            switch = list(within)
            if another_user or (unprivileged and os.geteuid() == 0):
                environment["CHOPSTICKS_CACHE_DIR"] = str(caches / "others" / ANOTHER.pw_name)
                switch += switch_user()
            process = subprocess.Popen(
                [*switch, sys.executable, STARTER, json.dumps(wish, default=str)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
                cwd="/",
            )
            return OtherRun(stack.enter_context(process))

        yield start


def segment_exists(key: int) -> bool:
    libc = ctypes.CDLL(None)
    return bool(libc.shmget(ctypes.c_int(key), ctypes.c_size_t(0), 0) != -1)


def switch_user() -> list[str]:
    """A command that runs one as another user, who may still read programs below a home."""
    who = [f"--reuid={ANOTHER.pw_uid}", f"--regid={ANOTHER.pw_gid}", "--clear-groups"]
    account = Account(ANOTHER.pw_uid, ANOTHER.pw_gid)
    if not all(map(account.can_reach, (Path(sys.executable), Path(sys.prefix), STARTER))):
        who += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    return [*as_root(), "setpriv", *who]


def processes_below(root: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cwd"])
        if Path(process.info["cwd"] or "/").is_relative_to(root)
    ]
