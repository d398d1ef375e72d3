"""The directory of one server: made where there is room, locked while its run lives."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pytest_chopsticks.servers.account import Account
from pytest_chopsticks.servers.owner import Owner

PREFIX = "chopsticks-"

#: A directory without all its parts: its maker's id and start, in milliseconds, follow.
DRAFT_PREFIX = ".chopsticks-"

_DRAFT = re.compile(re.escape(DRAFT_PREFIX) + r"(\d+)-(\d+)-\w+")

#: Overrides where run directories are made.
RUN_VARIABLE = "CHOPSTICKS_RUN_DIR"

#: Where memory serves as a disk.
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108

#: Bytes. A server with the template and some clones takes 200 MiB; containers come with 64.
ROOM_NEEDED = 512 << 20

#: Bytes in the path of a Unix socket: 104 with the final zero on macOS, 108 on Linux.
LONGEST_SOCKET = 103


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """Where a server's files are. `lock` is held through a descriptor of the directory itself."""

    path: Path
    lock: int

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def sockets(self) -> Path:
        return self.path / "s"

    @property
    def log(self) -> Path:
        return self.path / "log"


def run_roots() -> list[Path]:
    """Where a run directory may be made, best first, without links: as processes tell it."""
    chosen = os.environ.get(RUN_VARIABLE)
    if chosen:
        return [Path(chosen).resolve()]
    roots = [Path(os.environ.get("TMPDIR") or "/tmp").resolve(), Path("/tmp").resolve()]  # noqa: S108
    if SHARED_MEMORY.is_mount() and shutil.disk_usage(SHARED_MEMORY).free >= ROOM_NEEDED:
        roots.insert(0, SHARED_MEMORY)
    return list(dict.fromkeys(roots))


def unfit(root: Path, account: Account | None) -> str | None:
    """Why no run directory can be made in `root`, or None."""
    if not root.is_dir():
        return "is not a directory"
    if not os.access(root, os.W_OK | os.X_OK):
        return "cannot be written to"
    if account and not account.can_reach(root):
        return "cannot be entered by the user the server runs as"
    if len(os.fsencode(root / f"{PREFIX}12345678" / "s" / ".s.PGSQL.12345")) > LONGEST_SOCKET:
        return f"is too long a path: that of a socket may have {LONGEST_SOCKET} bytes"
    return None


@contextmanager
def run_directory(root: Path, account: Account | None) -> Iterator[RunDirectory]:
    """A new, locked directory that is gone after the context; raises OSError.

    It is ours; only the parts that the server writes belong to `account`, so that no process of
    that user can lead us to a wrong lock or owner.
    """
    draft = _locked(root)
    path = draft.path
    try:
        if account:
            path.chmod(0o711)
        _write_owner(path)
        for part in (draft.data, draft.sockets):
            part.mkdir(mode=0o700)
            if account:
                os.chown(part, account.uid, account.gid)
        path = _renamed(path)
        yield RunDirectory(path, draft.lock)
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(draft.lock)


def _locked(root: Path) -> RunDirectory:
    """An empty draft, whose name alone has to say whose it is.

    A sweep may find it before it is locked, and holds the lock for as long as it looks. One in a
    container that shares the root, but not the processes, removes it: then make another.
    """
    owner = Owner.current()
    prefix = f"{DRAFT_PREFIX}{owner.pid}-{owner.started * 1000:.0f}-"
    while True:
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=root))
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_at(path, lock):
            return RunDirectory(path, lock)
        os.close(lock)


def draft_owner(path: Path) -> Owner | None:
    """Whose draft a path is by its name; None when it is none."""
    match = _DRAFT.fullmatch(path.name)
    return Owner(int(match[1]), int(match[2]) / 1000) if match else None


def _renamed(draft: Path) -> Path:
    """Put a complete directory in its place: no other, not even an empty one, is ever there."""
    while True:
        path = draft.with_name(f"{PREFIX}{secrets.token_hex(4)}")
        if not path.exists():
            draft.rename(path)
            return path


def _is_at(path: Path, directory: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(directory))
    except FileNotFoundError:
        return False


def try_lock(directory: int) -> bool:
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_owner(directory: Path) -> None:
    (directory / "owner").write_text(json.dumps(asdict(Owner.current())))
