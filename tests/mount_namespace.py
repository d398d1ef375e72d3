"""Mounts that nobody else sees."""

from __future__ import annotations

import os


def in_namespace(mount: str) -> list[str]:
    """The beginning of a command that runs another one where `mount`, a line of shell, was run."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    back = [] if os.geteuid() == 0 else ["unshare", "--user", f"--map-user={os.geteuid()}"]
    return ["unshare", "--mount", *user, "sh", "-c", f'{mount} && exec "$@"', "sh", *back]
