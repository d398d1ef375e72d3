"""Removes the shared memory of a server that had no chance to do so itself.

What is its own, the server has told: `postmaster.pid` names its System V segment, that one's header
the data directory and the control segment of dynamic shared memory, and this one the others. A
server that is started again on the same data goes the same way.

A module for the bare interpreter, like the watchdog that loads it when there is need.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: Where Linux keeps POSIX shared memory; elsewhere there is no place to look at.
PLACE = Path("/dev/shm")  # noqa: S108

#: Magic number, creator, total size, free offset, control segment, index, and the data directory's
#: device and inode: the same in PostgreSQL 13 to 18.
_HEADER = struct.Struct(f"@iiNNIP{'i' if sys.platform == 'darwin' else 'Q'}Q")
_HEADER_MAGIC = 679834894

#: Magic number, used slots and slots of a control segment.
_CONTROL = struct.Struct("@III")
_CONTROL_MAGIC = 0x9A503D32

#: Where the slots begin. The size of one is another in each version.
_SLOTS = 16

#: What a slot begins with: the segment's handle, and how many use it.
_SLOT = struct.Struct("@II")

_NOWHERE = ctypes.c_void_p(-1).value
_READ_ONLY = 0o10000
_REMOVE = 0


def remove_shared_memory(data: str) -> None:
    """Remove what the server of this data directory left; none of its processes may live."""
    segment = _system_v_segment(data)
    if segment is None:
        return
    directory = Path(data).stat()
    magic, _, _, _, control, _, device, inode = _HEADER.unpack(_beginning(segment))
    if (magic, device, inode) == (_HEADER_MAGIC, directory.st_dev, directory.st_ino):
        with suppress(OSError, ValueError):
            for path in _dynamic_segments(control, directory.st_uid):
                path.unlink()
        ctypes.CDLL(None).shmctl(segment, _REMOVE, None)


def _system_v_segment(data: str) -> int | None:
    """Its key and id are the seventh line of `postmaster.pid`."""
    try:
        facts = Path(data, "postmaster.pid").read_text().splitlines()
        key, identifier = map(int, facts[6].split())
    except (OSError, ValueError, IndexError):
        return None
    there = ctypes.CDLL(None).shmget(ctypes.c_int(key), ctypes.c_size_t(0), 0)
    return identifier if there == identifier else None


def _beginning(segment: int) -> bytes:
    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    address = libc.shmat(segment, None, _READ_ONLY)
    if address == _NOWHERE:
        return bytes(_HEADER.size)
    try:
        return ctypes.string_at(address, _HEADER.size)
    finally:
        libc.shmdt(ctypes.c_void_p(address))


def _dynamic_segments(handle: int, user: int) -> Iterator[Path]:
    """The files of the dynamic segments, that of the control segment last.

    Handles are random numbers. Where this server kept its segments in another way, a file of that
    name is another server's: so none is taken that is another user's, or that a process has mapped.
    """
    control = _path(handle)
    if is_abandoned(control, user):
        yield from (path for path in map(_path, _listed(control)) if is_abandoned(path, user))
        yield control


def _path(handle: int) -> Path:
    return PLACE / f"PostgreSQL.{handle}"


def is_abandoned(path: Path, user: int) -> bool:
    """Whether this is a file of the user's that no process has mapped."""
    try:
        file = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(file.st_mode) and file.st_uid == user and not _is_mapped(file)


def _is_mapped(file: os.stat_result) -> bool:
    mapped = f" {os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x} {file.st_ino} "
    return any(mapped in maps for maps in _maps())


def _maps() -> Iterator[str]:
    """What each process has in its memory, as far as we may know."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield (process / "maps").read_text(errors="replace")


def _listed(control: Path) -> Iterator[int]:
    """The handles in a control segment; raises ValueError when a file is none."""
    content = control.read_bytes()
    magic, used, slots = _CONTROL.unpack_from(content.ljust(_CONTROL.size, b"\0"))
    if magic != _CONTROL_MAGIC or not used <= slots > 0:
        raise ValueError(f"{control} is not a control segment")
    size = (len(content) - _SLOTS) // slots
    for slot in range(used):
        handle, users = _SLOT.unpack_from(content, _SLOTS + slot * size)
        if users:
            yield handle
