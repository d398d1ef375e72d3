"""What code in this process writes, logs or warns of while it works, kept apart per call.

Several threads may capture at once, so the redirections are put in place once, for the first, and
removed after the last; each write goes to the capture of the context that it came from.
"""

from __future__ import annotations

import io
import logging
import sys
import threading
import warnings
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_capture: ContextVar[io.StringIO | None] = ContextVar("chopsticks_capture", default=None)


@contextmanager
def captured_output() -> Iterator[io.StringIO]:
    """Yields the buffer that receives standard output, standard error, logging and warnings.

    Warnings stay warnings, whatever filters turn them into errors outside.
    """
    buffer = io.StringIO()
    with _redirections:
        token = _capture.set(buffer)
        try:
            yield buffer
        finally:
            _capture.reset(token)


@contextmanager
def redirected_output() -> Iterator[None]:
    """Keeps the redirections in place between captures, each of which then takes microseconds."""
    with _redirections:
        yield


class _Stream(io.TextIOBase):
    def __init__(self, elsewhere: TextIO) -> None:
        self._elsewhere = elsewhere

    def write(self, text: str) -> int:
        return (_capture.get() or self._elsewhere).write(text)

    def flush(self) -> None:
        self._elsewhere.flush()

    def fileno(self) -> int:
        return self._elsewhere.fileno()

    def isatty(self) -> bool:
        return False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"


class _LogHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        buffer = _capture.get()
        if buffer is not None:
            buffer.write(self.format(record) + "\n")


class _Redirections:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._undo = ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            if self._users == 0:
                self._install()
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._undo.close()

    def _install(self) -> None:
        self._undo.enter_context(redirect_stdout(_Stream(sys.stdout)))
        self._undo.enter_context(redirect_stderr(_Stream(sys.stderr)))
        self._undo.enter_context(warnings.catch_warnings())
        warnings.simplefilter("always")
        warnings.showwarning = _show_warning
        handler = _LogHandler()
        logging.getLogger().addHandler(handler)
        self._undo.callback(logging.getLogger().removeHandler, handler)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    (file or sys.stderr).write(warnings.formatwarning(message, category, filename, lineno, line))


_redirections = _Redirections()
