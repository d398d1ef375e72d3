"""Puts the pieces that a pipe delivers together to lines."""

from __future__ import annotations

from pytest_chopsticks.implementations import faults
from pytest_chopsticks.implementations.jsonrpc.failure import Failure

LINE_LIMIT = 16 * 1024 * 1024


class LineBuffer:
    """Bytes go in as they come; lines come out, of at most 16 MiB."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes, without their newlines and without blank ones.

        Raises Failure when a line is too long.
        """
        self._pending += data
        end = self._pending.rfind(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._pending)
            self._check(self._searched)
            return []
        complete = bytes(self._pending[:end])
        del self._pending[: end + 1]
        self._searched = len(self._pending)
        lines = [line for line in complete.split(b"\n") if line.strip()]
        self._check(max(map(len, lines), default=0))
        return lines

    @property
    def unfinished(self) -> bytes:
        """What came after the last newline."""
        return bytes(self._pending)

    def _check(self, length: int) -> None:
        if length > LINE_LIMIT:
            raise Failure(faults.ReplyTooLong, limit=LINE_LIMIT)
