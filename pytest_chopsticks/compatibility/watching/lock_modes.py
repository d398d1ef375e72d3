"""PostgreSQL's table-level lock modes, from weak to strong, and whom they keep waiting."""

from __future__ import annotations

from collections.abc import Mapping

#: `pg_locks.mode` and what the manual calls it.
LOCK_MODES: Mapping[str, str] = {
    "AccessShareLock": "ACCESS SHARE",
    "RowShareLock": "ROW SHARE",
    "RowExclusiveLock": "ROW EXCLUSIVE",
    "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE",
    "ShareLock": "SHARE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
}

_STRENGTH = {name: strength for strength, name in enumerate(LOCK_MODES.values())}


def stronger(one: str | None, other: str | None) -> str | None:
    """The stronger of two modes, where None is no lock at all."""
    return max((one, other), key=lambda mode: -1 if mode is None else _STRENGTH[mode])


def blocks_writers(mode: str | None) -> bool:
    """Whether an INSERT, UPDATE or DELETE of another session waits for it."""
    return mode is not None and _STRENGTH[mode] >= _STRENGTH["SHARE"]


def blocks_readers(mode: str | None) -> bool:
    """Whether even a SELECT of another session waits for it."""
    return mode == "ACCESS EXCLUSIVE"


def touches(mode: str | None) -> bool:
    """Whether more was done with the table than to read it."""
    return mode is not None and _STRENGTH[mode] >= _STRENGTH["ROW EXCLUSIVE"]
