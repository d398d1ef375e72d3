"""The end of an exception's story, short enough for a message."""

from __future__ import annotations

import traceback

_FRAMES = 4
_OUTPUT_LINES = 20

_HEADING = "Traceback (most recent call last):"
_IMPORTING = '  File "<frozen importlib'


def traceback_tail(error: BaseException, output: str = "") -> str:
    """The innermost frames and the error itself, then the last lines of `output`, indented."""
    story = traceback.format_exception(error, limit=-_FRAMES, chain=False)
    lines = [line for line in "".join(story).splitlines() if not line.startswith(_IMPORTING)]
    if len(lines) > 1 and lines[0] == _HEADING and not lines[1].startswith("  File "):
        del lines[0]
    written = output.splitlines()[-_OUTPUT_LINES:]
    if written:
        lines += ["it had written:", *written]
    return "\n".join(f"    {line}" for line in lines)
