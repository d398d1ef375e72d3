"""No server leaves shared memory behind, and none of another's is taken.

Each test has a directory of its own in the place of `/dev/shm`, where only its servers' is.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from pytest_chopsticks.servers import shared_memory
from tests.mount_namespace import in_namespace

from .conftest import MEMORY, OtherRun, segment_exists

VERSIONS = (13, 15, 18)

POSIX = ("dynamic_shared_memory_type", "posix")


@pytest.fixture
def memory() -> Iterator[Path]:
    """What `/dev/shm` is to the servers of `start`."""
    directory = Path(tempfile.mkdtemp(prefix="memory-", dir=MEMORY))
    directory.chmod(0o1777)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def place(caches: Path) -> Iterator[Path]:
    """Where run directories are: not in shared memory, which is hidden."""
    directory = Path(tempfile.mkdtemp(prefix="place-", dir=caches))
    directory.chmod(0o1777)
    yield directory
    directory.rmdir()


@pytest.fixture
def start(
    memory: Path,
    place: Path,
    postgres_programs: dict[int, Path],
    start_elsewhere: Callable[..., OtherRun],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., OtherRun]:
    """Start a server of a version, in a place with so much room."""
    monkeypatch.setenv("CHOPSTICKS_RUN_DIR", str(place))

    def start(version: int, *settings: tuple[str, str], room: str = "") -> OtherRun:
        mount = f"mount --bind {memory} {MEMORY}"
        if room:
            mount += f" && mount -t tmpfs -o size={room},mode=1777 none {place}"
        return start_elsewhere(
            within=in_namespace(mount),
            origin="local",
            pg_bin=postgres_programs[version],
            settings=settings,
        )

    return start


@pytest.mark.parametrize("version", VERSIONS)
def test_full_disk_in_the_stage_of_initdb(
    version: int,
    start: Callable[..., OtherRun],
    memory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(tmp_path))
    run = start(version, room="8m")
    assert "No space left on device" in run.error
    assert left_in(memory) == []


@pytest.mark.parametrize("settings", [(), (POSIX,)], ids=["ours", "posix"])
@pytest.mark.parametrize("version", VERSIONS)
def test_sigkill_of_the_whole_server(
    version: int,
    settings: tuple[tuple[str, str], ...],
    start: Callable[..., OtherRun],
    memory: Path,
) -> None:
    run = start(version, *settings)
    with in_a_parallel_query(run):
        kill_server(run)
    run.finish()
    assert left_in(memory) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_next_start_sweeps_after_a_sigkill_of_everything(
    version: int, start: Callable[..., OtherRun], memory: Path
) -> None:
    run = start(version, POSIX)
    with in_a_parallel_query(run):
        run.kill_with_its_watchdog()
        kill_server(run)
    assert len(left_in(memory)) > 1
    start(version).finish()
    assert left_in(memory) == []


def test_file_that_a_living_process_has_mapped_is_left(
    start: Callable[..., OtherRun], memory: Path
) -> None:
    """Its name is by chance that of a segment which the killed server had elsewhere."""
    run = start(18)
    stranger = copy_of_control_segment(run, memory)
    with stranger.open("r+b") as file, mmap.mmap(file.fileno(), 0):
        kill_server(run)
        run.finish()
    assert left_in(memory) == [stranger]


def test_file_that_is_no_control_segment_is_left(
    start: Callable[..., OtherRun], memory: Path
) -> None:
    run = start(18)
    stranger = copy_of_control_segment(run, memory)
    content = stranger.read_bytes()
    stranger.write_bytes(b"PG" + content[2:])
    kill_server(run)
    run.finish()
    assert left_in(memory) == [stranger]


def test_segments_of_a_server_on_another_data_directory_are_left(
    start: Callable[..., OtherRun], tmp_path: Path
) -> None:
    """As after a restart of the machine, when keys and ids are given out anew."""
    run = start(18)
    shutil.copy(run.directory / "data" / "postmaster.pid", tmp_path)
    shared_memory.remove_shared_memory(str(tmp_path))
    assert segment_exists(run.segment_key)
    assert run.finish() == 0


@pytest.mark.parametrize(("stranger", "abandoned"), [(0, True), (1, False)])
def test_file_of_another_user_is_not_abandoned(
    stranger: int, abandoned: bool, tmp_path: Path
) -> None:
    segment = tmp_path / "PostgreSQL.1"
    segment.touch()
    assert shared_memory.is_abandoned(segment, os.geteuid() + stranger) == abandoned


def left_in(memory: Path) -> list[Path]:
    return sorted(memory.glob("PostgreSQL.*"))


@contextmanager
def in_a_parallel_query(run: OtherRun) -> Iterator[None]:
    """While two processes of the server share a segment."""
    mode = "debug_parallel_query" if run.server.version_num >= 160000 else "force_parallel_mode"
    where = run.server.endpoint
    with closing(
        psycopg.connect(
            host=where.host,
            port=where.port,
            user=run.server.user,
            dbname="postgres",
            options=f"-c {mode}=on",
        )
    ) as connection:
        connection.pgconn.send_query(b"SELECT pg_sleep(600)")
        deadline = time.monotonic() + 20
        while not any("parallel worker" in " ".join(it.cmdline()) for it in processes_of(run)):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield


def processes_of(run: OtherRun) -> list[psutil.Process]:
    return [run.postmaster, *run.postmaster.children()]


def kill_server(run: OtherRun) -> None:
    """All its processes, of which none sees another end before."""
    processes = processes_of(run)
    for process in processes:
        process.suspend()
    for process in reversed(processes):
        process.kill()


def copy_of_control_segment(run: OtherRun, memory: Path) -> Path:
    """A file like that which a server with POSIX segments would have."""
    [control] = (run.directory / "data" / "pg_dynshmem").glob("mmap.*")
    copy = memory / control.name.replace("mmap", "PostgreSQL")
    shutil.copy2(control, copy)
    os.chown(copy, control.stat().st_uid, control.stat().st_gid)
    return copy
