"""The end of an exception's story, short enough for a message."""

from __future__ import annotations

import traceback

_FRAMES = 4
_OUTPUT_LINES = 20


def traceback_tail(error: BaseException, output: str) -> str:
    """The innermost frames and the error itself, then the last lines of `output`, indented."""
    story = traceback.format_exception(error, limit=-_FRAMES, chain=False)
    lines = "".join(story).splitlines()
    written = output.splitlines()[-_OUTPUT_LINES:]
    if written:
        lines += ["it had written:", *written]
    return "\n".join(f"    {line}" for line in lines)
