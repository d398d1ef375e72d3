"""What is said where an entry of [known-failures] no longer fits."""

from __future__ import annotations

_REMOVE = "it passes; remove the entry from chopsticks.toml"


def stale_message(id_: str) -> str:
    """The message of a requirement that was known to fail, and passes."""
    return f"Expected: {id_} fails, as [known-failures] says\nActual:   {_REMOVE}"


def is_stale(message: str | None) -> bool:
    """Whether a message was made by `stale_message`."""
    return message is not None and message.endswith(_REMOVE)
