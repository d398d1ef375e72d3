"""Root of a user namespace: how an unprivileged user becomes another one in a test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

INSTALL = "sh tests/prerequisites.sh"

#: How many ids a namespace is given by convention; `nobody` is among them.
IDS = 65536

#: Who may use whose ids in a namespace.
SUBORDINATE_IDS = (Path("/etc/subuid"), Path("/etc/subgid"))


class NoNamespace(Exception):
    """This user can have no namespace with other users in it; the text says what to do."""


def as_root() -> list[str]:
    """The beginning of a command that runs another one as root.

    It is empty for root. For anyone else it is root of a namespace that has `nobody` and others, by
    ids outside that are nobody else's: as foreign to this user as any other user's.
    Raises `NoNamespace`.
    """
    if os.geteuid() == 0:
        return []
    require_subordinate_ids()
    return ["unshare", "--user", "--map-root-user", "--map-auto"]


def remove(directory: Path) -> None:
    """Remove a directory in which others, of such a namespace, may have left files."""
    try:
        shutil.rmtree(directory)
    except PermissionError:
        subprocess.run([*as_root(), "rm", "-rf", directory], check=True)


def require_subordinate_ids() -> None:
    """Raise `NoNamespace` if there are none for this user, or no program that gives them."""
    missing = [name for name in ("newuidmap", "newgidmap") if not shutil.which(name)]
    if missing:
        raise NoNamespace(f"{', '.join(missing)} missing; run as root: {INSTALL}")
    user = pwd.getpwuid(os.geteuid()).pw_name
    without = [str(path) for path in SUBORDINATE_IDS if not _has_ids(path, user)]
    if without:
        raise NoNamespace(
            f"{user} has not {IDS} ids in {' and '.join(without)}; run as root, with ids that "
            f"nobody else has there: usermod --add-subuids 100000-165535 "
            f"--add-subgids 100000-165535 {user}"
        )


def _has_ids(path: Path, user: str) -> bool:
    """Whether a line `user:first:count` gives enough of them."""
    if not path.exists():
        return False
    lines = [line.split(":") for line in path.read_text().splitlines()]
    names = (user, str(os.geteuid()))
    return any(len(line) == 3 and line[0] in names and int(line[2]) >= IDS for line in lines)
