"""Which of the database's errors are refusals of a value."""

from __future__ import annotations

_REFUSING_CLASSES = ("22", "23")


def is_refusal(sqlstate: str | None) -> bool:
    """Whether the database refused the data: class 22 (data exception) or 23 (constraint)."""
    return sqlstate is not None and len(sqlstate) == 5 and sqlstate[:2] in _REFUSING_CLASSES
