"""The user a server runs as: ourselves, or `nobody` when we are root, which Postgres refuses."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from pytest_chopsticks.errors import ServerUnavailable

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """A user other than ourselves, without supplementary groups."""

    uid: int
    gid: int

    def can_reach(self, path: Path) -> bool:
        """Whether the mode bits let this user through every parent and execute `path`."""
        return all(self._may_execute(step.stat()) for step in (path, *path.resolve().parents))

    def _may_execute(self, facts: os.stat_result) -> bool:
        if facts.st_uid == self.uid:
            return bool(facts.st_mode & stat.S_IXUSR)
        if facts.st_gid == self.gid:
            return bool(facts.st_mode & stat.S_IXGRP)
        return bool(facts.st_mode & stat.S_IXOTH)


def server_account() -> Account | None:
    """The account to switch to, or None to run as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise ServerUnavailable(
            f"PostgreSQL does not run as root, and there is no user `{UNPRIVILEGED}` to run it as.",
            hint="Run pytest as an unprivileged user, or add one: useradd --system nobody",
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)
