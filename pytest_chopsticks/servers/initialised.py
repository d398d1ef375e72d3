"""A newly initialised cluster, made once and kept between runs."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_chopsticks.servers.account import Account
from pytest_chopsticks.servers.archive import LAYOUT, Archive, pack
from pytest_chopsticks.servers.cache import cache_directory, keep, mark_used
from pytest_chopsticks.servers.dispensable_files import dispensable_files
from pytest_chopsticks.servers.run_directory import RunDirectory, run_directory
from pytest_chopsticks.servers.supervised import supervised

if TYPE_CHECKING:
    from pytest_chopsticks.servers.installation import Installation

SUPERUSER = "chopsticks_observer"

#: Megabytes of a WAL segment: small ones keep the copy small.
SEGMENT_SIZE = 1

# Locale C exists everywhere and sorts alike in every version. Failed remains are kept because they
# tell a full disk from other failures.
OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    f"--wal-segsize={SEGMENT_SIZE}",
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


def initialised_cluster(installation: Installation, root: Path, account: Account | None) -> Archive:
    """The archive of a new cluster's data directory.

    From the cache when it has an intact one, else made in a run directory below `root` and put
    there; concurrent makers are harmless. Raises `ServerUnavailable` or OSError.
    """
    place = _place(installation)
    if place and (kept := kept_archive(place)):
        return kept
    with run_directory(root, account) as directory:
        packed = _initialise(installation, directory, account)
    if place:
        with suppress(OSError):
            keep(packed, place)
    return Archive(memoryview(packed))


def kept_archive(place: Path) -> Archive | None:
    """The archive at this place in the cache, if there is an intact one."""
    with suppress(OSError, ValueError):
        archive = Archive.at(place)
        mark_used(place)
        return archive
    return None


def packed_cluster(data: Path) -> bytes:
    """The archive of a stopped server's data directory; raises OSError."""
    return pack(data, dispensable_files(data, SEGMENT_SIZE << 20))


def cluster_key(installation: Installation, *more: object) -> str:
    """The name in the cache of what all this has shaped."""
    shaped_by = repr((LAYOUT, installation.identity, OPTIONS, ACCESS, *more))
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
        return packed_cluster(directory.data)
