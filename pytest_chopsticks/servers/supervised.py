"""Our side of the watchdog: start a program under it, ask how it does, stop it."""

from __future__ import annotations

import errno
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import BinaryIO

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers import watchdog
from pytest_chopsticks.servers.account import Account
from pytest_chopsticks.servers.run_directory import RunDirectory

INSPECT = (
    "Check that PostgreSQL installation, choose another with --chopsticks-pg-bin, "
    "or, if you are root, run pytest as an unprivileged user."
)

#: Seconds until a watchdog that was told to stop has done so; its own patience is shorter.
STOP_LIMIT = 3 * watchdog.PATIENCE

#: Bytes. With less than this left, a failure is put down to the full disk.
NO_ROOM = 1 << 20

#: Bytes of the log that an error shows at most.
LOG_SHOWN = 2000


class Supervised:
    """A program that cannot outlive us. Its output is the run directory's log."""

    def __init__(
        self, process: subprocess.Popen[bytes], log: BinaryIO, directory: RunDirectory
    ) -> None:
        assert process.stdin
        assert process.stdout
        self._process = process
        self._orders = process.stdin
        self._reports = process.stdout
        self._log = log
        self._directory = directory
        self._made_by = os.getpid()
        self._status: int | None = None

    def go(self) -> None:
        """Start the program; until now the watchdog only watched over the directory."""
        self._order()

    def ended(self, within: float) -> int | None:
        """The exit status of a program that ends by itself in so many seconds, else None."""
        if self._status is None and self._has_report(within):
            self._status = int(self._report() or watchdog.KILLED)
        return self._status

    def log_tail(self) -> str:
        """The end of what the program has written, even after the directory is gone."""
        size = os.fstat(self._log.fileno()).st_size
        tail = os.pread(self._log.fileno(), LOG_SHOWN, max(0, size - LOG_SHOWN))
        return tail.decode(errors="replace").strip()

    def failure(self, what: str) -> Exception:
        """What to raise when the program did not do its work: OSError when the disk is full.

        A full disk may have no room for the program's complaint either.
        """
        log = self.log_tail()
        full = shutil.disk_usage(self._directory.path.parent).free < NO_ROOM
        if full or os.strerror(errno.ENOSPC) in log:
            return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._directory.path))
        return ServerUnavailable(f"{what}. The end of its log:\n{log}", hint=INSPECT)

    def shut_down(self, within: float) -> bool:
        """Have a postmaster close its files in good order; a forked child of ours does not.

        The result is whether it did so within so many seconds. `stop` is still to be called.
        """
        if os.getpid() != self._made_by or self.ended(within=0) is not None:
            return False
        postmaster = (self._directory.data / "postmaster.pid").read_text().split()[0]
        os.kill(int(postmaster), signal.SIGINT)
        return self.ended(within) == 0

    def stop(self) -> int | None:
        """Stop the program and remove its directory; a forked child of ours stops nothing.

        The result is the exit status of a program that had ended by itself before, else None.
        """
        if os.getpid() == self._made_by and not self._orders.closed:
            self._order()
            self._orders.close()
            self._wait_for_watchdog()
            self._reports.close()
        return self._status

    def _wait_for_watchdog(self) -> None:
        """Its end closes its reports: `Popen.wait` with a limit would sleep up to 50 ms longer."""
        deadline = time.monotonic() + STOP_LIMIT
        while self._has_report(max(0.0, deadline - time.monotonic())):
            report = self._report()
            if not report:
                break
            self._status = int(report)
        else:
            self._process.kill()
        self._process.wait()

    def _has_report(self, within: float) -> bool:
        return bool(select.select([self._reports], [], [], within)[0])

    def _report(self) -> bytes:
        return os.read(self._reports.fileno(), 16)

    def _order(self) -> None:
        with suppress(BrokenPipeError):
            os.write(self._orders.fileno(), b".")


@contextmanager
def supervised(
    directory: RunDirectory, account: Account | None, command: Sequence[str]
) -> Iterator[Supervised]:
    """Have `command` ready to run as `account`; at the end it is stopped and `directory` gone."""
    with directory.log.open("w+b") as log:
        process = _start_watchdog(directory, account, command, log)
        program = Supervised(process, log, directory)
        try:
            yield program
        finally:
            program.stop()


def _start_watchdog(
    directory: RunDirectory,
    account: Account | None,
    command: Sequence[str],
    log: BinaryIO,
) -> subprocess.Popen[bytes]:
    interpreter = [sys.executable, "-I", "-S", watchdog.__file__]
    who = f"{account.uid}:{account.gid}" if account else "-"
    facts = [str(os.getpid()), str(directory.path), str(directory.lock), who]
    try:
        return subprocess.Popen(
            [*interpreter, *facts, *command],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            env=_environment(),
            pass_fds=(directory.lock,),
            start_new_session=True,
        )
    except OSError as error:
        raise ServerUnavailable(
            f"The server's watchdog cannot be started with {sys.executable!r}: {error}",
            hint="Run pytest with an interpreter that can start itself.",
        ) from error


def _environment() -> dict[str, str]:
    """What programs need to start, and no more: PG* variables would change the server."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
