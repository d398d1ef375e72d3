"""A driver's process, spoken to directly: one line of JSON there, one back."""

from __future__ import annotations

import itertools
import json
import select
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

Reply: TypeAlias = dict[str, Any]

NODE_HELPER = Path("pytest_chopsticks/implementations/node/chopsticks.mjs").absolute()
LONGEST_WAIT_S = 30
NOWHERE = {"url": "postgresql://nobody@127.0.0.1:1/nothing"}


class DriverProcess:
    """Sends requests and reads replies; `stderr` is what was written there, after the end."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self.stderr = ""

    def call(self, method: str, **params: object) -> Reply:
        """The reply to one request, checked to be about it."""
        number = self.send(method, **params)
        reply = self.read()
        assert (reply["jsonrpc"], reply["id"]) == ("2.0", number)
        return reply

    def initialize(self, **more: object) -> Reply:
        given = {"protocol": 1, "database": NOWHERE, "token_keys": []}
        return self.call("initialize", **(given | more))

    def send(self, method: str, **params: object) -> int:
        number = next(self._numbers)
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        self.send_line(json.dumps(request).encode())
        return number

    def send_line(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()

    def read(self) -> Reply:
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], LONGEST_WAIT_S)
        assert readable, "the driver does not answer"
        line = self._process.stdout.readline()
        assert line, "the driver closed its output"
        reply: Reply = json.loads(line)
        return reply

    def end(self) -> int:
        """Close standard input; the exit status."""
        _, stderr = self._process.communicate(timeout=LONGEST_WAIT_S)
        self.stderr = stderr.decode()
        return self._process.returncode


@contextmanager
def driver_process(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None
) -> Iterator[DriverProcess]:
    """Starts `command`, and kills it at the end if it is still there."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield DriverProcess(process)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
