"""The state of a cluster from one run to the next: a data directory closed in good order."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_chopsticks.servers.archive import Archive
from pytest_chopsticks.servers.cache import cache_directory, keep
from pytest_chopsticks.servers.initialised import cluster_key, kept_archive, packed_cluster
from pytest_chopsticks.servers.run_directory import RunDirectory
from pytest_chopsticks.servers.supervised import Supervised

if TYPE_CHECKING:
    from pytest_chopsticks.servers.installation import Installation
    from pytest_chopsticks.servers.server import ServerRequest

#: Seconds. A shutdown writes what is in memory, some megabytes.
PATIENCE = 30.0


def saved_place(
    installation: Installation, request: ServerRequest, settings: Mapping[str, str]
) -> Path | None:
    """Where the state of the project's server is kept, there or not; None if it is not to be."""
    if request.saved is None:
        return None
    shaped_by = (*settings.items(), *request.settings, request.saved.project)
    try:
        return cache_directory("states") / cluster_key(installation, *shaped_by)
    except OSError:
        return None


def saved_archive(place: Path | None, request: ServerRequest) -> Archive | None:
    """The state to start from, if there is an intact one and the run wants it."""
    if place is None or request.saved is None:
        return None
    request.saved.possible = True
    return None if request.saved.fresh else kept_archive(place)


def forget(place: Path | None) -> None:
    """Remove a state that no server starts from."""
    with suppress(OSError):
        if place:
            place.unlink(missing_ok=True)


def save(
    place: Path | None, request: ServerRequest, postgres: Supervised, directory: RunDirectory
) -> bool:
    """Stop the server and save its state if that is worth it; whether it is stopped now.

    What cannot be saved is made again by the next run.
    """
    if place is None or request.saved is None or not request.saved.ready:
        return False
    stopped = postgres.shut_down(within=PATIENCE)
    if stopped:
        with suppress(OSError):
            keep(packed_cluster(directory.data), place)
    return stopped
