"""A run that outlives a crash of its server is still known to live when that has recovered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from pytest_chopsticks.servers import Server, ServerRequest, start_server
from tests.plugin.scratch import Scratch

#: Waits while the server crashes and another run starts, then works with the database it had.
PATIENT = """
    import time
    from pathlib import Path

    def test_patient(chopsticks_db):
        with chopsticks_db.connect(autocommit=True) as connection:
            connection.execute("SET synchronous_commit = on")
            connection.execute("INSERT INTO agent_runners VALUES ('r', 1)")
        Path("started").touch()
        while not Path("go-on").exists():
            time.sleep(0.02)
        with chopsticks_db.connect() as connection:
            assert connection.execute("SELECT count(*) FROM agent_runners").fetchone() == (1,)

    def test_afterwards(chopsticks_conn):
        assert chopsticks_conn.execute("SELECT count(*) FROM agent_runners").fetchone() == (0,)
"""

BRIEF = """
    def test_brief(chopsticks_conn):
        pass
"""


@pytest.fixture
def server(postgres_programs: dict[int, Path]) -> Iterator[Server]:
    """One that no other test has anything to do with."""
    with start_server(ServerRequest(origin="local", pg_bin=postgres_programs[18])) as server:
        yield server


@pytest.fixture
def shared(scratch: Scratch, server: Server) -> Scratch:
    """A repository whose runs use that server, which outlives them."""
    where = server.endpoint
    scratch.environment["CHOPSTICKS_DSN"] = psycopg.conninfo.make_conninfo(
        host=where.host, port=where.port, user=server.user, dbname="postgres"
    )
    scratch.write("test_patient.py", PATIENT)
    scratch.write("test_brief.py", BRIEF)
    return scratch


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_next_run_leaves_it_alone(workers: str, shared: Scratch, server: Server) -> None:
    run = ("--chopsticks-db", workers, "--dist=loadfile", "test_patient.py")
    with shared.running(*run) as patient:
        wait_until((shared.root / "started").exists)
        crash(server)
        wait_until(lambda: is_back(server))
        assert "1 passed" in shared.pytest("--chopsticks-db", "test_brief.py").output
        (shared.root / "go-on").touch()
        assert patient.wait(60) == 0, (shared.root / "output").read_text()
    assert databases(server) == ["postgres", "template0", "template1"]


def wait_until(happened: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def crash(server: Server) -> None:
    """Without one of its processes the server ends the sessions of all, and recovers."""
    with connected(server) as victim:
        psutil.Process(victim.info.backend_pid).kill()
        with pytest.raises(psycopg.OperationalError):
            victim.execute("SELECT pg_sleep(60)")


def is_back(server: Server) -> bool:
    try:
        connected(server).close()
    except psycopg.OperationalError:
        return False
    return True


def databases(server: Server) -> list[str]:
    with connected(server) as connection:
        names = connection.execute("SELECT datname FROM pg_database ORDER BY 1").fetchall()
    return [name for (name,) in names]


def connected(server: Server) -> psycopg.Connection[Any]:
    where = server.endpoint
    return psycopg.connect(
        host=where.host, port=where.port, user=server.user, dbname="postgres", autocommit=True
    )
