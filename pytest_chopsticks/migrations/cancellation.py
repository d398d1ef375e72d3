"""A limit to how long statements may take."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator


# A cancellation that arrives between two statements is lost.
_AGAIN_S = 0.2


@contextmanager
def cancelled_after(time_limit: float, connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Cancel the statements on `connection` that run after `time_limit` seconds."""
    ended = threading.Event()

    def cancel() -> None:
        pause = time_limit
        while not ended.wait(pause):
            pause = _AGAIN_S
            with suppress(psycopg.Error):
                connection.cancel()

    thread = threading.Thread(target=cancel, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
