"""Programs where the user they run as can reach them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers.account import UNPRIVILEGED, Account
from pytest_chopsticks.servers.cache import (
    CACHE_VARIABLE,
    cache_directory,
    mark_used,
    remove_unused,
)

if TYPE_CHECKING:
    from pytest_chopsticks.servers.installation import Installation

#: Bytes. More than any PostgreSQL, less than a whole environment that has one in it.
LARGEST_COPY = 1 << 30


def reachable(installation: Installation, account: Account | None) -> Installation:
    """The installation, or a copy in the cache when `account` cannot reach it where it is.

    A virtual environment below root's home is the usual case: nobody else may enter that. The copy
    is made once and appears complete or not at all. Raises `ServerUnavailable`.
    """
    if account is None or account.can_reach(installation.bin / "postgres"):
        return installation
    try:
        directory = cache_directory("binaries")
        key = hashlib.sha256(installation.identity.encode()).hexdigest()[:16]
        copy = directory / f"{installation.version}-{key}"
        if not copy.exists():
            remove_unused(directory)
            _copy(installation, copy)
    except OSError as error:
        raise _unreachable(installation.bin, f"cannot be copied to the cache: {error}") from error
    mark_used(copy)
    programs = copy / installation.bin.relative_to(installation.base)
    if not account.can_reach(programs / "postgres"):
        raise _unreachable(installation.bin, f"neither can their copy, {programs}")
    return replace(installation, bin=programs, base=copy)


def _copy(installation: Installation, target: Path) -> None:
    if sum(map(_size, installation.trees)) > LARGEST_COPY:
        raise OSError(f"{installation.base} holds more than {LARGEST_COPY >> 20} MiB")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="copying-") as scratch:
        draft = Path(scratch) / "copy"
        for tree in installation.trees:
            place = draft / tree.relative_to(installation.base)
            shutil.copytree(tree, place, ignore=_dangling_links)
        _let_everyone_read(draft)
        try:
            draft.rename(target)
        except OSError:
            # Another run was faster: a directory cannot be renamed onto one that has entries.
            if not target.exists():
                raise


def _dangling_links(directory: str, names: list[str]) -> list[str]:
    """`copytree` has an option to leave them out, which takes relative links for dangling ones."""
    return [name for name in names if not Path(directory, name).exists()]


def _size(tree: Path) -> int:
    return sum(path.stat().st_size for path in tree.rglob("*") if path.is_file())


def _let_everyone_read(tree: Path) -> None:
    """A umask of 077 at installation must not follow the files here."""
    for parent, _, files in os.walk(tree):
        Path(parent).chmod(0o755)
        for name in files:
            path = Path(parent, name)
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _unreachable(programs: Path, why: str) -> ServerUnavailable:
    return ServerUnavailable(
        f"As root, the server runs as `{UNPRIVILEGED}`, who cannot reach {programs}; they {why}.",
        hint=f"Set {CACHE_VARIABLE} to a directory that every user can enter, "
        "or run pytest as an unprivileged user.",
    )
