"""What a driver writes to standard error: bounded, and told apart by call."""

from __future__ import annotations

OUTPUT_LIMIT = 64 * 1024


class ErrorOutput:
    """The last 64 KiB. A mark taken with `written` finds what came after it."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self.written = 0

    def add(self, data: bytes) -> None:
        self.written += len(data)
        self._kept += data
        if len(self._kept) > 2 * OUTPUT_LIMIT:
            self._trim()

    def since(self, mark: int) -> str:
        """The text after `mark`; what is missing at its beginning is said."""
        length = self.written - mark
        if not length:
            return ""
        self._trim()
        text = self._kept[-length:].decode("utf-8", errors="replace")
        dropped = length - len(self._kept)
        if dropped <= 0:
            return text
        # The first line is cut, and may begin with half a secret that redaction would not know.
        return f"[{dropped} bytes before this left out]\n{text.partition(chr(10))[2] or text}"

    def _trim(self) -> None:
        del self._kept[: max(0, len(self._kept) - OUTPUT_LIMIT)]
