"""A newly initialised cluster, made once and kept between runs."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_chopsticks.servers.account import Account
from pytest_chopsticks.servers.archive import is_intact, pack
from pytest_chopsticks.servers.cache import cache_directory, keep, mark_used
from pytest_chopsticks.servers.run_directory import RunDirectory, run_directory
from pytest_chopsticks.servers.supervised import supervised

if TYPE_CHECKING:
    from pytest_chopsticks.servers.installation import Installation

SUPERUSER = "chopsticks_observer"

# One-megabyte WAL segments keep the copy small. Locale C exists everywhere and sorts alike in
# every version. Failed remains are kept because they tell a full disk from other failures.
OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--wal-segsize=1",
    "--no-sync",
    "--no-clean",
)

# The socket lies in a directory that only the server's user can enter. The superuser has no
# password and no way in through TCP.
ACCESS = f"""\
local all all trust
host all {SUPERUSER} all reject
host all all 127.0.0.1/32 scram-sha-256
"""


#: Seconds. On a slow disk it takes five.
PATIENCE = 120


def initialised_cluster(installation: Installation, root: Path, account: Account | None) -> bytes:
    """The archive of a new cluster's data directory.

    From the cache when it has an intact one, else made in a run directory below `root` and put
    there; concurrent makers are harmless. Raises `ServerUnavailable` or OSError.
    """
    place = _place(installation)
    if place and (kept := kept_archive(place)):
        return kept
    with run_directory(root, account) as directory:
        archive = _initialise(installation, directory, account)
    if place:
        with suppress(OSError):
            keep(archive, place)
    return archive


def kept_archive(place: Path) -> bytes | None:
    """The archive at this place in the cache, if there is an intact one."""
    with suppress(OSError):
        archive = place.read_bytes()
        if is_intact(archive):
            mark_used(place)
            return archive
    return None


def cluster_key(installation: Installation, *more: object) -> str:
    """The name in the cache of what all this has shaped."""
    shaped_by = repr((installation.identity, OPTIONS, ACCESS, *more))
    return f"{installation.version}-{hashlib.sha256(shaped_by.encode()).hexdigest()[:16]}"


def _place(installation: Installation) -> Path | None:
    """The file in the cache; None where there can be no cache, which costs time but no more."""
    try:
        return cache_directory("clusters") / cluster_key(installation)
    except OSError:
        return None


def _initialise(
    installation: Installation, directory: RunDirectory, account: Account | None
) -> bytes:
    command = [str(installation.bin / "initdb"), *OPTIONS, f"--pgdata={directory.data}"]
    with supervised(directory, account, command) as initdb:
        initdb.go()
        status = initdb.ended(within=PATIENCE)
        if status is None:
            raise initdb.failure(f"initdb did not end in {PATIENCE} s")
        if status:
            raise initdb.failure("initdb failed")
        (directory.data / "pg_hba.conf").write_text(ACCESS)
        return pack(directory.data)
