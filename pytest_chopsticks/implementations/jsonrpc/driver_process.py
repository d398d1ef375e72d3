"""The process of a driver: started, written to, read from, ended with all that it started."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
import time
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from pytest_chopsticks.implementations.jsonrpc import survivors
from pytest_chopsticks.implementations.jsonrpc.error_output import ErrorOutput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_READ_SIZE = 256 * 1024
_EXIT_GRACE_S = 0.5
_ERROR_OUTPUT_GRACE_S = 0.05
_NOT_STARTED = (126, 127)


class DriverProcess:
    """A command run by `/bin/sh -c` as the leader of a session, with its three pipes.

    One thread at a time may `read`; any may `write`. Raises OSError when it cannot be started.
    """

    def __init__(self, command: str, cwd: Path, env: Mapping[str, str]) -> None:
        self._mark = survivors.Mark()
        self._popen = subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=cwd,
            env={**env, survivors.VARIABLE: self._mark.value},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self.error_output = ErrorOutput()
        self._input = _descriptor(self._popen.stdin)
        self._output = _descriptor(self._popen.stdout)
        self._errors = _descriptor(self._popen.stderr)
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)
        self._poll.register(self._errors, select.POLLIN)
        self._writing = threading.Lock()
        self._unwritten = bytearray()

    def write(self, data: bytes) -> None:
        """Write what the pipe takes; the rest goes as the driver reads, during `read`."""
        with self._writing:
            self._unwritten += data
            self._write_some()

    def read(self, timeout: float) -> bytes | None:
        """What came on standard output; None if nothing in `timeout` seconds, empty at its end.

        It may be None before the time is over.
        """
        found = None
        for descriptor, event in self._poll.poll(max(0.0, timeout) * 1000):
            if descriptor == self._input:
                with self._writing:
                    self._write_some()
            elif descriptor == self._errors:
                self._read_errors()
            elif event:
                found = os.read(self._output, _READ_SIZE)
        return found

    def read_error_output(self) -> None:
        """Read what is written to standard error about now, for a little while."""
        deadline = time.monotonic() + _ERROR_OUTPUT_GRACE_S
        poll = select.poll()
        poll.register(self._errors, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0 and poll.poll(left * 1000):
            if not self._read_errors():
                return

    @property
    def running(self) -> bool:
        return self._popen.poll() is None

    def wait(self) -> int | None:
        """The exit status of a process that is about to end; None if it does not."""
        with suppress(subprocess.TimeoutExpired):
            return self._popen.wait(_EXIT_GRACE_S)
        return None

    def close_input(self) -> None:
        """The end of the driver's input, which asks it to end."""
        with self._writing:
            if self._popen.stdin is None or self._popen.stdin.closed:
                return
            with suppress(KeyError):
                self._poll.unregister(self._input)
            # A number that another file gets next must not be written to.
            self._input = -1
            self._popen.stdin.close()

    def survivors(self) -> list[str]:
        """What the driver started and left running for half a second, as text."""
        deadline = time.monotonic() + _EXIT_GRACE_S
        while found := self._mark.bearers():
            if time.monotonic() > deadline:
                return [_described(process) for process in found]
            time.sleep(0.02)
        return []

    def kill(self) -> None:
        """Kill the process group, and whatever else of the driver is running; safe to repeat."""
        # The process is the leader of its own session, so its id is the group's id.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        while found := self._mark.bearers():
            survivors.kill(found)

    def close(self) -> None:
        """Close the pipes; nothing may be read any more."""
        self.close_input()
        for stream in (self._popen.stdout, self._popen.stderr):
            if stream is not None:
                stream.close()

    def _write_some(self) -> None:
        while self._unwritten:
            try:
                written = os.write(self._input, self._unwritten)
            except BlockingIOError:
                self._poll.register(self._input, select.POLLOUT)
                return
            except OSError:
                # The driver closed its end: reading will tell that it ended.
                self._unwritten.clear()
                break
            del self._unwritten[:written]
        with suppress(KeyError):
            self._poll.unregister(self._input)

    def _read_errors(self) -> bool:
        with suppress(BlockingIOError):
            data = os.read(self._errors, _READ_SIZE)
            if not data:
                with suppress(KeyError):
                    self._poll.unregister(self._errors)
                return False
            self.error_output.add(data)
        return True


def how_it_ended(status: int | None) -> str:
    """`with exit status 3`, in words."""
    if status is None:
        return "or closed its standard output"
    number = -status if status < 0 else status - 128
    with suppress(ValueError):
        if status < 0 or status > 128:
            return f"by {signal.Signals(number).name}"
    return f"with exit status {status}"


def was_never_started(status: int | None) -> bool:
    """Whether the status is the shell's word for a program that it could not run."""
    return status in _NOT_STARTED


def _descriptor(stream: IO[bytes] | None) -> int:
    if stream is None:
        raise OSError("no pipe")
    os.set_blocking(stream.fileno(), False)
    return stream.fileno()


def _described(process: object) -> str:
    with suppress(Exception):
        return f"{process.name()} ({process.pid})"  # type: ignore[attr-defined]
    return "a process"
