"""A `node` that runs one migration, and the two ways in which it is heard."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pytest_chopsticks.implementations.command import OUTPUT_LIMIT, command_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAM = Path(__file__).with_name("run_migration.mjs")
_GRACE_S = 2.0
_CHUNK = 64 * 1024


class NodeProcess:
    """Lines of JSON go both ways over a socket; of what is printed the last 64 KiB are kept.

    At the end of the context the process group is killed.
    """

    def __init__(self, node: str, migration: Path, direction: str) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [node, str(_PROGRAM), str(migration), direction, str(theirs.fileno())],
                cwd=migration.parent,
                env=command_environment({}, {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                bufsize=0,
            )
        assert self._process.stdout is not None
        self._printed = self._process.stdout
        self._output = bytearray()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._socket, selectors.EVENT_READ)
        self._selector.register(self._printed, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        self._selector.close()
        self._socket.close()
        self._printed.close()

    def messages(self, deadline: float) -> Iterator[dict[str, Any]]:
        """What is sent, until the other side closes or it is `deadline` (monotonic)."""
        rest = b""
        while (remaining := deadline - time.monotonic()) > 0:
            for key, _ in self._selector.select(remaining):
                if key.fileobj is not self._socket:
                    self._keep_output()
                    continue
                data = self._received()
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                yield from map(json.loads, lines)

    def send(self, message: dict[str, Any]) -> None:
        # It may have ended meanwhile: then there is nobody to tell, and the next read sees it.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(json.dumps(message).encode() + b"\n")

    def finish(self, deadline: float) -> str:
        """Wait until `deadline`, but a moment at most, for the process to end; what it printed."""
        self._selector.unregister(self._socket)
        deadline = min(deadline, time.monotonic() + _GRACE_S)
        while self._selector.get_map() and (remaining := deadline - time.monotonic()) > 0:
            if self._selector.select(remaining):
                self._keep_output()
        return self._output.decode("utf-8", errors="replace")

    def _received(self) -> bytes:
        try:
            return self._socket.recv(_CHUNK)
        except ConnectionResetError:
            return b""

    def _keep_output(self) -> None:
        data = os.read(self._printed.fileno(), _CHUNK)
        if not data:
            self._selector.unregister(self._printed)
        self._output += data
        del self._output[:-OUTPUT_LIMIT]

    def _kill(self) -> None:
        # The process leads a session of its own, so its id is the group's.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
