"""A module of this package as a process of its own, which answers with lines of JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_chopsticks.errors import ServerUnavailable

#: Bytes of what it wrote before it crashed that an error shows at most.
SHOWN = 2000


class OwnProcess:
    """A running module. Its standard input is a pipe from us that ends with us."""

    def __init__(self, module: str, *arguments: str) -> None:
        interpreter = [sys.executable, "-P", "-W", "ignore", "-m", f"{__package__}.{module}"]
        search = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
        self._module = module
        self._made_by = os.getpid()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [*interpreter, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd="/",
            env={**os.environ, "PYTHONPATH": search},
            start_new_session=True,
        )

    def answer(self) -> dict[str, Any]:
        """The next line; raises `ServerUnavailable`, the one it tells of or its crash."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            size = os.fstat(self._errors.fileno()).st_size
            said = os.pread(self._errors.fileno(), SHOWN, max(0, size - SHOWN))
            raise ServerUnavailable(
                f"{self._module} ended without an answer:\n{said.decode(errors='replace').strip()}"
            )
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            message, hint = answer["error"]
            raise ServerUnavailable(message, hint=hint)
        return answer

    def stop(self) -> None:
        """Tell it to end; a forked child of ours tells nothing."""
        assert self._process.stdin
        if os.getpid() == self._made_by:
            with _ended_pipe_suppressed():
                self._process.stdin.write(b".")
                self._process.stdin.flush()

    def close(self) -> None:
        """Wait for its end, when it was told to end or does so by itself."""
        with _ended_pipe_suppressed():
            self._process.communicate()
        self._errors.close()


def say(answer: dict[str, Any]) -> None:
    """Answer the process that started this one."""
    print(json.dumps(answer), flush=True)


def say_error(error: ServerUnavailable) -> None:
    say({"error": [error.message, error.hint]})


@contextmanager
def own_process(module: str, *arguments: str) -> Iterator[OwnProcess]:
    """Run a module for the length of the context; it is told to end, and waited for."""
    process = OwnProcess(module, *arguments)
    try:
        yield process
    finally:
        process.stop()
        process.close()


@contextmanager
def _ended_pipe_suppressed() -> Iterator[None]:
    try:
        yield
    except (BrokenPipeError, ValueError):
        return
