"""A PostgreSQL that is installed on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pytest_chopsticks.servers.installation import (
    Installation,
    Unusable,
    identify,
    read_version,
)
from pytest_chopsticks.servers.origin import Unavailable
from pytest_chopsticks.servers.server import ServerRequest

#: Where packages put the programs of each major version, on Debian, on Red Hat, by Homebrew on
#: both kinds of Mac, and by Postgres.app.
DIRECTORIES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)

INSTALL = (
    "install PostgreSQL (apt-get install postgresql, dnf install postgresql-server, "
    "brew install postgresql), or name the directory of its programs with --chopsticks-pg-bin"
)


class Local:
    """The first usable one of the directories where PostgreSQL is usually found."""

    name = "local"

    def find(self, request: ServerRequest) -> Installation | Unavailable:
        if request.pg_bin:
            return _chosen(request.pg_bin.expanduser().absolute())
        refused = []
        for directory in dict.fromkeys(_candidates()):
            try:
                return _installation(directory)
            except Unusable as error:
                refused.append(f"{directory}: {error}")
        looked = "looked for with pg_config, on PATH and in " + ", ".join(DIRECTORIES)
        return Unavailable("; ".join(refused) or f"none found; {looked}", INSTALL)


def _chosen(directory: Path) -> Installation | Unavailable:
    try:
        return _installation(directory)
    except Unusable as error:
        fix = "name a directory that holds postgres and initdb, such as /usr/lib/postgresql/17/bin"
        return Unavailable(f"{directory}: {error}", fix)


def _candidates() -> Iterator[Path]:
    yield from _from_pg_config()
    yield from _from_path()
    for pattern in DIRECTORIES:
        yield from sorted(Path("/").glob(pattern[1:]), key=_numbers, reverse=True)


def _from_pg_config() -> Iterator[Path]:
    """What `pg_config --bindir` says; a client-only installation has it without a server."""
    program = shutil.which("pg_config")
    if program:
        with suppress(OSError, subprocess.SubprocessError):
            run = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=True)
            yield Path(run.stdout.strip())


def _from_path() -> Iterator[Path]:
    program = shutil.which("postgres")
    if program:
        yield Path(program).resolve().parent


def _numbers(path: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(path))]


def _installation(directory: Path) -> Installation:
    version, number = read_version(directory)
    base = directory.resolve().parent
    trees = (directory.resolve(), base / "lib", base / "lib64", base / "share")
    return Installation(
        origin=Local.name,
        detail=str(directory),
        bin=directory.resolve(),
        version=version,
        version_num=number,
        identity=identify(directory / "postgres", version),
        base=base,
        trees=tuple(tree for tree in trees if tree.is_dir()),
    )
