"""Where results that outlive a run are kept."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import platformdirs

#: Overrides the directory. As root it must be reachable by every user.
CACHE_VARIABLE = "CHOPSTICKS_CACHE_DIR"

#: Seconds after which an entry that nothing used is removed, when another one is made.
KEPT_UNUSED = 30 * 24 * 3600

#: How many files of one kind are kept, those that were used last. A saved state, of which each
#: project has one, takes 10 MiB.
KEPT_AT_MOST = 24


def cache_directory(kind: str) -> Path:
    """An existing directory that only we can write to, for entries of one kind.

    Raises OSError when it cannot be made, or when others could have changed what is in it.
    """
    directory = _root() / kind
    if not directory.exists():
        _make_readable(directory.parent)
        _make_readable(directory)
    facts = directory.stat()
    if facts.st_uid != os.geteuid() or facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{directory} belongs to, or can be written by, another user")
    return directory


def keep(content: bytes, entry: Path) -> None:
    """Write an entry, which appears complete or not at all; raises OSError.

    Those that make room for it may be in use: an open or mapped file stays as it is.
    """
    remove_unused(entry.parent)
    descriptor, draft = tempfile.mkstemp(dir=entry.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(draft).rename(entry)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    _remove_surplus(entry.parent)


def mark_used(entry: Path) -> None:
    with suppress(OSError):
        os.utime(entry)


def remove_unused(directory: Path) -> None:
    """Remove entries, and what killed runs half made, that nothing has used for a month."""
    for entry in directory.iterdir():
        with suppress(OSError):
            if time.time() - entry.stat().st_mtime < KEPT_UNUSED:
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def _remove_surplus(directory: Path) -> None:
    with suppress(OSError):
        files = sorted(directory.iterdir(), key=_last_use, reverse=True)
        for file in files[KEPT_AT_MOST:]:
            file.unlink(missing_ok=True)


def _last_use(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:
        return 0


def _root() -> Path:
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return platformdirs.site_cache_path("pytest-chopsticks")
    return platformdirs.user_cache_path("pytest-chopsticks")


def _make_readable(directory: Path) -> None:
    """Make a directory for everyone to read, whatever the umask; an existing one stays as it is."""
    try:
        directory.mkdir(parents=True)
    except FileExistsError:
        return
    directory.chmod(0o755)
