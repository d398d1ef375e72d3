"""PostgreSQL's programs in a directory: what they are, and whether they can be used at all."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import signal
import subprocess
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from pytest_chopsticks.servers.cache import cache_directory, keep, mark_used
from pytest_chopsticks.servers.cluster import running_cluster
from pytest_chopsticks.servers.server import Server, ServerRequest

OLDEST_MAJOR = 13

#: Seconds that `postgres --version` may take.
PATIENCE = 20

_VERSION = re.compile(r"postgres \(PostgreSQL\) (?P<text>(?P<major>\d+)(?:\.(?P<minor>\d+)|\w+))")


class Unusable(Exception):
    """Why the programs in a directory cannot be used."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The programs of one PostgreSQL.

    `identity` differs when the programs differ. `trees` are what has to be copied, with their
    places relative to `base`, for the programs to work elsewhere.
    """

    origin: str
    detail: str
    bin: Path
    version: str
    version_num: int
    identity: str
    base: Path
    trees: tuple[Path, ...]

    def start(self, request: ServerRequest) -> AbstractContextManager[Server]:
        return running_cluster(self, request)


def read_version(directory: Path) -> tuple[str, int]:
    """The version of the programs in a directory, as `18.6` and 180006; raises `Unusable`."""
    if not directory.is_dir():
        raise Unusable("there is no such directory")
    for program in ("postgres", "initdb"):
        path = directory / program
        if not path.is_file():
            raise Unusable(f"it has no {program}")
        if not os.access(path, os.X_OK):
            raise Unusable(f"its {program} is not executable")
    known = _known(directory / "postgres")
    said = known or _said_by(directory / "postgres")
    match = _VERSION.match(said)
    if not match:
        raise Unusable(f"its postgres is not PostgreSQL's; as its version it says {said[:80]!r}")
    number = int(match["major"]) * 10000 + int(match["minor"] or 0)
    if number < OLDEST_MAJOR * 10000:
        raise Unusable(f"it is PostgreSQL {match['text']}, older than {OLDEST_MAJOR}")
    if not known:
        _remember(directory / "postgres", said)
    return match["text"], number


def identify(program: Path, version: str) -> str:
    """An identity for programs that come without a checksum."""
    facts = program.stat()
    return f"{version} {program} {facts.st_size} {facts.st_mtime_ns}"


def _known(postgres: Path) -> str | None:
    """What the same file has said before: asking it takes as long as connecting to a server."""
    with suppress(OSError, ValueError):
        entry = _entry(postgres)
        said = entry.read_text()
        mark_used(entry)
        return said if _VERSION.match(said) else None
    return None


def _remember(postgres: Path, said: str) -> None:
    with suppress(OSError):
        keep(said.encode(), _entry(postgres))


def _entry(postgres: Path) -> Path:
    facts = postgres.stat()
    told_apart_by = (str(postgres), facts.st_dev, facts.st_ino, facts.st_size, facts.st_ctime_ns)
    name = hashlib.sha256(repr(told_apart_by).encode()).hexdigest()[:16]
    return cache_directory("versions") / name


def _said_by(postgres: Path) -> str:
    try:
        run = subprocess.run(
            [postgres, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            cwd="/",
        )
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            machine = os.uname().machine
            raise Unusable(f"its postgres is not a program for this machine ({machine})") from error
        raise Unusable(f"its postgres cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise Unusable(f"`postgres --version` did not end in {PATIENCE} s") from error
    if run.returncode:
        said = run.stderr.strip()[-300:]
        raise Unusable(f"`postgres --version` {_ending(run.returncode)}: {said}")
    return run.stdout


def _ending(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"failed with status {status}"
