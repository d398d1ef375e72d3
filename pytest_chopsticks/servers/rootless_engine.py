"""Container engines that run as this user: Docker's own library looks for the system's only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from testcontainers.core.docker_client import get_docker_host

#: Where Docker's library looks when it is not told of another place.
SYSTEM = Path("/var/run/docker.sock")


def rootless_engine() -> str | None:
    """What `DOCKER_HOST` should name; None if an engine is chosen already or there is no such.

    Chosen by the environment, by testcontainers' settings or by Docker's context; the engine of
    the system comes before those of the user.
    """
    if get_docker_host() or _listens(SYSTEM):
        return None
    return next((f"unix://{path}" for path in _places() if _listens(path)), None)


def _places() -> Iterator[Path]:
    """Of Docker without root, of Docker Desktop, and of Podman."""
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    yield runtime / "docker.sock"
    if home := os.environ.get("HOME"):
        yield Path(home, ".docker", "run", "docker.sock")
        yield Path(home, ".docker", "desktop", "docker.sock")
    yield runtime / "podman" / "podman.sock"


def _listens(path: Path) -> bool:
    """Whether a socket is there; after `su` the variables may name a directory that is closed."""
    try:
        return path.is_socket()
    except OSError:
        return False
