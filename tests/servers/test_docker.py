"""A server in a container, and that nothing of it stays, however its run ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers import Server, ServerRequest, start_server, stop_kept_servers
from tests.containers.engine import Engine

DOCKER = ServerRequest(origin="docker")

StartElsewhere = Callable[..., Any]


@pytest.fixture(autouse=True)
def engine(
    container_engine: Engine, run_root: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """The only engine that can be found. Afterwards no container or volume may be left."""
    for name, value in container_engine.environment.items():
        monkeypatch.setenv(name, value)
    yield container_engine
    left = [*container_engine.containers(), *container_engine.volumes()]
    container_engine.remove_containers()
    assert left == []


def connect(server: Server) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=server.endpoint.host,
        port=server.endpoint.port,
        user=server.user,
        password=server.password,
        dbname="postgres",
    )


def wait_until_gone(engine: Engine) -> None:
    deadline = time.monotonic() + 60
    while engine.containers():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def start_another() -> None:
    """Any start sweeps."""
    with start_server(DOCKER):
        pass


def watchdog_of(run: Any) -> psutil.Process:
    [watchdog] = psutil.Process(run.process.pid).children()
    return watchdog


def kill_without_mercy(run: Any) -> None:
    """The watchdog first, frozen, since it notices the starter's death at once."""
    watchdog = watchdog_of(run)
    watchdog.suspend()
    run.process.kill()
    run.process.wait()
    watchdog.kill()
    psutil.wait_procs([watchdog], timeout=10)


def test_server_is_what_it_says(engine: Engine) -> None:
    """As one of our own: the observer is superuser, nothing is durable, data is in memory."""
    with start_server(DOCKER) as server, connect(server) as connection:
        facts = connection.execute(
            "SELECT current_setting('server_version_num')::int, usesuper, current_setting('fsync'),"
            " current_setting('data_directory') FROM pg_user WHERE usename = current_user"
        ).fetchone()
        mounts = connection.execute("SELECT pg_read_file('/proc/mounts', 0, 100000)").fetchone()
        ports = engine.podman("port", *engine.containers())
    assert (server.origin, server.tcp) == ("docker", server.endpoint)
    assert facts == (server.version_num, True, "off", "/chopsticks/data")
    assert mounts
    assert "tmpfs /chopsticks tmpfs" in mounts[0]
    assert ports.strip() == f"5432/tcp -> 127.0.0.1:{server.endpoint.port}"


def test_container_goes_when_the_context_ends_with_an_exception(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), start_server(DOCKER):
        raise ZeroDivisionError
    assert engine.containers() == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_signal_to_the_starter(
    number: int, start_elsewhere: StartElsewhere, engine: Engine
) -> None:
    run = start_elsewhere(origin="docker")
    assert run.server.origin == "docker"
    run.process.send_signal(number)
    wait_until_gone(engine)


def test_sigkill_while_a_forked_child_lives_on(
    start_elsewhere: StartElsewhere, engine: Engine
) -> None:
    """The child holds the other end of the watchdog's pipe."""
    run = start_elsewhere(origin="docker", fork=True)
    assert run.server.origin == "docker"
    [child] = [
        process
        for process in psutil.Process(run.process.pid).children()
        if "container_watchdog" not in " ".join(process.cmdline())
    ]
    run.process.kill()
    wait_until_gone(engine)
    assert child.is_running()
    child.kill()


def test_next_start_sweeps_after_a_killed_starter_and_watchdog(
    start_elsewhere: StartElsewhere, engine: Engine
) -> None:
    """But for the container of another run, whose watchdog alone was killed."""
    dead, living = start_elsewhere(origin="docker"), start_elsewhere(origin="docker")
    assert dead.server != living.server
    watchdog_of(living).kill()
    kill_without_mercy(dead)
    start_another()
    [left] = engine.containers()
    assert left[:12] in living.server.detail
    living.process.kill()
    living.process.wait()
    start_another()


def test_kept_container_is_found_again_and_stopped() -> None:
    request = replace(DOCKER, keep_minutes=10)
    with start_server(request) as first:
        pass
    with start_server(request) as second, connect(second):
        assert (second, second.kept) == (first, True)
    assert stop_kept_servers() == [first]


def test_container_of_another_machine_is_left_alone(engine: Engine) -> None:
    """Its processes cannot be seen from here."""
    labels = {
        "pytest-chopsticks.owner": '{"pid": 1, "started": 0}',
        "pytest-chopsticks.machine": "another",
    }
    flags = [f"--label={name}={value}" for name, value in labels.items()]
    made = engine.podman("create", *flags, DOCKER.image).strip()
    start_another()
    assert engine.containers() == [made]
    engine.remove_containers()


def test_stopped_container_is_reported_at_the_end(engine: Engine) -> None:
    with (
        pytest.raises(ServerUnavailable, match="ended before the run did") as caught,
        start_server(DOCKER),
    ):
        engine.podman("stop", *engine.containers())
    assert "database system is ready to accept connections" in caught.value.message


def test_server_that_refuses_its_settings() -> None:
    request = ServerRequest(origin="docker", settings=(("shared_buffers", "a lot"),))
    with pytest.raises(ServerUnavailable) as caught, start_server(request):
        pass
    assert "did not become ready" in caught.value.message
    assert 'invalid value for parameter "shared_buffers": "a lot"' in caught.value.message


def test_image_that_cannot_be_pulled() -> None:
    request = ServerRequest(origin="docker", image="localhost:1/postgres:17")
    with pytest.raises(ServerUnavailable) as caught, start_server(request):
        pass
    assert "the image localhost:1/postgres:17 is not here and cannot be pulled" in str(caught.value)
    assert "→ docker pull localhost:1/postgres:17" in str(caught.value)


def test_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(ServerUnavailable) as caught, start_server(DOCKER):
        pass
    assert "no container engine answers at unix:///nowhere/docker.sock" in str(caught.value)
    assert "→ start Docker, or Podman" in str(caught.value)


@pytest.mark.parametrize("variable", ["XDG_RUNTIME_DIR", "HOME"])
def test_engine_of_this_user(
    engine: Engine, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found where Podman, or Docker Desktop, has it, without being told of it."""
    place = {"XDG_RUNTIME_DIR": "podman/podman.sock", "HOME": ".docker/desktop/docker.sock"}
    socket = tmp_path / place[variable]
    socket.parent.mkdir(parents=True)
    socket.symlink_to(engine.url.removeprefix("unix://"))
    monkeypatch.delenv("DOCKER_HOST")
    monkeypatch.setenv("HOME", "/where-nobody/can/look" * 1000)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "none"))
    monkeypatch.setenv(variable, str(tmp_path))
    with start_server(DOCKER) as server:
        assert server.origin == "docker"


def test_engine_that_is_named_comes_before_that_of_this_user(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = tmp_path / "docker.sock"
    socket.symlink_to(engine.url.removeprefix("unix://"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with (
        pytest.raises(ServerUnavailable, match="answers at unix:///nowhere/"),
        start_server(DOCKER),
    ):
        pass


def test_no_testcontainers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "testcontainers", None)
    with (
        pytest.raises(ServerUnavailable, match="is not installed\n  → pip install testcontainers"),
        start_server(DOCKER),
    ):
        pass


def test_auto_takes_a_container_after_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_chopsticks.servers.embedded.WHEELS", ())
    monkeypatch.setattr("pytest_chopsticks.servers.local.DIRECTORIES", ())
    monkeypatch.setattr("pytest_chopsticks.servers.local.shutil.which", lambda name: None)
    with start_server(ServerRequest()) as server:
        assert server.origin == "docker"
        assert "; embedded: no wheel" in server.detail


def test_tests_keep_their_own_settings_of_testcontainers() -> None:
    """Nothing of it is imported or changed in the process of the tests."""
    before = dict(os.environ)
    with start_server(DOCKER):
        assert os.environ == before
        assert "testcontainers.core.config" not in sys.modules
