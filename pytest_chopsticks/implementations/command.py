"""Runs a shell command that may hang, flood, print garbage, or leave children behind."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from pytest_chopsticks.implementations.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

OUTPUT_LIMIT = 64 * 1024
GRACE_S = 0.5

_LIBPQ_VARIABLE = re.compile(r"PG[A-Z]+")


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended. Of each stream at most the last 64 KiB are kept, secrets redacted.

    `exit_status` is negative when a signal ended the shell itself, as in `subprocess`.
    """

    command: str
    exit_status: int
    stdout: str
    stderr: str
    duration_s: float
    timed_out: bool

    @property
    def output(self) -> str:
        return "\n".join(text.rstrip() for text in (self.stdout, self.stderr) if text.strip())


def command_environment(
    database_env: Mapping[str, str], target_env: Mapping[str, str]
) -> dict[str, str]:
    """The caller's environment without its libpq settings, then the database's, then the target's.

    A PGHOST or PGSERVICE of the developer's shell must not lead a command to another database.
    """
    inherited = {k: v for k, v in os.environ.items() if not _LIBPQ_VARIABLE.fullmatch(k)}
    return inherited | dict(database_env) | dict(target_env)


def run_command(
    command: str,
    *,
    cwd: Path,
    env: Mapping[str, str],
    time_limit: float,
    redactor: Redactor | None = None,
    started: Callable[[RunningCommand], None] | None = None,
) -> CommandResult:
    """Run `command` with `/bin/sh -c` in `cwd`, its environment being exactly `env`.

    Standard input is closed. After `time_limit` seconds, and in any case at the end, the command's
    whole process group is ended; output that a child outside the group still holds is not awaited.
    `started` is told of the command once it runs, so that another thread can kill it.
    """
    redact = (redactor or Redactor()).redact
    began = time.monotonic()
    with _started(command, cwd, env) as running:
        if started is not None:
            started(running)
        timed_out = not running.read_until_exit(began + time_limit)
        if timed_out:
            running.ask_to_end()
            running.read_until_exit(time.monotonic() + GRACE_S)
        exit_status = running.end()
        running.read_until_closed(time.monotonic() + GRACE_S)
        return CommandResult(
            command=redact(command),
            exit_status=exit_status,
            stdout=redact(running.stdout.text()),
            stderr=redact(running.stderr.text()),
            duration_s=time.monotonic() - began,
            timed_out=timed_out,
        )


@contextmanager
def _started(command: str, cwd: Path, env: Mapping[str, str]) -> Iterator[RunningCommand]:
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )
    running = RunningCommand(process)
    try:
        yield running
    finally:
        running.end()
        running.close()


class _Tail:
    """The last bytes of a stream."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._dropped = 0

    def add(self, data: bytes) -> None:
        self._kept += data
        if len(self._kept) > 2 * OUTPUT_LIMIT:
            self._trim()

    def text(self) -> str:
        self._trim()
        text = self._kept.decode("utf-8", errors="replace")
        if not self._dropped:
            return text
        # The first line is cut, and may begin with half a secret that redaction would not know.
        return f"[{self._dropped} bytes before this left out]\n{text.partition(chr(10))[2] or text}"

    def _trim(self) -> None:
        excess = max(0, len(self._kept) - OUTPUT_LIMIT)
        del self._kept[:excess]
        self._dropped += excess


class RunningCommand:
    """A command between its start and its end."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._ended = False
        self.stdout, self.stderr = _Tail(), _Tail()
        self._streams = selectors.DefaultSelector()
        self._register(process.stdout, self.stdout)
        self._register(process.stderr, self.stderr)
        # The kernel tells of an exit only to a waiting thread; a pipe lets one select see it too.
        self._exit_seen, self._exit_told = os.pipe()
        self._streams.register(self._exit_seen, selectors.EVENT_READ, None)
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._waiter.start()

    def read_until_exit(self, deadline: float) -> bool:
        """Read what is written; True when the command ended before `deadline` (monotonic)."""
        while (events := self._select(deadline)) is not None:
            for key, _ in events:
                if key.data is None:
                    return True
                self._read(key)
        return False

    def read_until_closed(self, deadline: float) -> None:
        """Read what is left until both streams are closed, or until `deadline`."""
        self._streams.unregister(self._exit_seen)
        while self._streams.get_map() and (events := self._select(deadline)) is not None:
            for key, _ in events:
                self._read(key)

    def kill(self) -> None:
        """Kill the process group, from whichever thread; nothing if the command has ended."""
        if not self._ended:
            self._signal(signal.SIGKILL)

    def ask_to_end(self) -> None:
        self._signal(signal.SIGTERM)

    def end(self) -> int:
        """Kill what is left of the process group, once; the exit status."""
        if not self._ended:
            # A second signal could reach another group that was given the number since.
            self._ended = True
            self._signal(signal.SIGKILL)
            self._waiter.join()
        return self._process.returncode

    def close(self) -> None:
        self._streams.close()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        os.close(self._exit_seen)

    def _register(self, stream: IO[bytes] | None, tail: _Tail) -> None:
        if stream is not None:
            self._streams.register(stream, selectors.EVENT_READ, tail)

    def _wait(self) -> None:
        self._process.wait()
        os.close(self._exit_told)

    def _select(self, deadline: float) -> list[tuple[selectors.SelectorKey, int]] | None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return None
        return self._streams.select(remaining)

    def _read(self, key: selectors.SelectorKey) -> None:
        data = os.read(key.fd, 64 * 1024)
        if data:
            key.data.add(data)
        else:
            self._streams.unregister(key.fileobj)

    def _signal(self, number: signal.Signals) -> None:
        # The process is the leader of its own session, so its id is the group's id.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)
