"""A durable server keeps what it acknowledged, comes back to a point, and leaves nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.errors import ServerUnavailable
from pytest_chopsticks.servers import Server, ServerRequest
from pytest_chopsticks.servers.base_backup import archive_log, base_backup
from pytest_chopsticks.servers.durable import DurableServer, durable_server

pytestmark = pytest.mark.usefixtures("run_root")

STARTER = """
import sys
from pytest_chopsticks.servers import ServerRequest
from pytest_chopsticks.servers.durable import durable_server
with durable_server(ServerRequest(origin="embedded")):
    print(flush=True)
    sys.stdin.read()
"""


@pytest.fixture(params=[13, 14, 15, 18], ids="postgres-{}".format)
def durable(
    run_root: Path, postgres_programs: dict[int, Path], request: pytest.FixtureRequest
) -> Iterator[DurableServer]:
    wanted = ServerRequest(origin="local", pg_bin=postgres_programs[request.param], tcp=True)
    with durable_server(wanted) as server:
        yield server


def connect(server: Server) -> psycopg.Connection[Any]:
    where = server.endpoint
    return psycopg.connect(
        host=where.host, port=where.port, user=server.user, dbname="postgres", autocommit=True
    )


def numbers(server: Server) -> list[int]:
    with connect(server) as connection:
        return [number for (number,) in connection.execute("SELECT * FROM numbers")]


def test_a_crash_loses_what_was_not_waited_for_and_no_more(durable: DurableServer) -> None:
    with connect(durable.server) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 1")
        connection.execute("SET synchronous_commit TO off")
        connection.execute("INSERT INTO numbers VALUES (2)")
        durable.crash()
    durable.start()
    assert numbers(durable.server) == [1]


def test_a_backup_is_restored_to_a_point(durable: DurableServer) -> None:
    with connect(durable.server) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 1")
        with base_backup(durable, connection) as backup:
            connection.execute("INSERT INTO numbers VALUES (2)")
            connection.execute("SELECT pg_create_restore_point('here')")
            connection.execute("INSERT INTO numbers VALUES (3)")
            archive_log(durable, connection)
            with backup.restored_to("here") as restored:
                assert numbers(restored.server) == [1, 2]
    assert numbers(durable.server) == [1, 2, 3]


def test_a_point_that_was_not_archived_cannot_be_reached(durable: DurableServer) -> None:
    with connect(durable.server) as connection, base_backup(durable, connection) as backup:
        archive_log(durable, connection)
        with (
            pytest.raises(ServerUnavailable, match="before configured recovery target"),
            backup.restored_to("nowhere"),
        ):
            pass


def test_an_external_server_cannot_be_had() -> None:
    wanted = ServerRequest(origin="external", dsn="host=localhost")
    with pytest.raises(ServerUnavailable, match="cannot be made to crash"), durable_server(wanted):
        pass


def test_nothing_is_left_when_its_starter_is_killed(run_root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", STARTER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as starter:
        assert starter.stdout
        assert starter.stdout.readline()
        assert list(run_root.iterdir())
        starter.kill()
    deadline = time.monotonic() + 30
    while list(run_root.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert list(run_root.iterdir()) == []
