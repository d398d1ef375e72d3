"""The same tests of the fixtures pass on every server, whatever its origin and version."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import psycopg.conninfo
import pytest

from pytest_chopsticks.servers import Server, ServerRequest, start_server
from tests.containers.engine import Engine
from tests.plugin.scratch import Outcome, Scratch
from tests.poolers import running_pooler
from tests.tls_only_server import tls_only_server

SUITE = Path(__file__).with_name("fixture_suite")

#: The plugins that the suite's asynchronous tests are for.
PLUGINS = "-p no:hypothesispytest -p no:postgresql -o asyncio_default_fixture_loop_scope=function"

READS_A_DATE = """
    import asyncio

    import pytest

    @pytest.mark.parametrize("turn", [1, 2])
    def test_conn(turn, chopsticks_conn):
        assert chopsticks_conn.execute("SELECT now()").fetchone()[0].tzinfo

    def test_asynchronous(chopsticks_db):
        async def read():
            async with await chopsticks_db.aconnect() as connection:
                cursor = await connection.execute("SELECT now()")
                return await cursor.fetchone()

        assert asyncio.run(read())[0].tzinfo
"""


LEAVES_SOMETHING = """
    import pytest

    @pytest.mark.parametrize("turn", [1, 2, 3])
    def test_it(turn, chopsticks_db, chopsticks_conn):
        with chopsticks_db.connect() as connection:
            assert connection.execute("SELECT count(*) FROM agent_runners").fetchone() == (0,)
            connection.execute("INSERT INTO agent_runners VALUES ('r', 1)")
            connection.execute("CREATE TABLE another ()")
        assert chopsticks_conn.execute("SELECT count(*) FROM another").fetchone() == (0,)
"""


VERIFIES = """
    import os
    import subprocess
    import sys

    import pytest

    @pytest.mark.parametrize("address", ["", "os.environ['DATABASE_URL']"], ids=["env", "url"])
    def test_program(address, chopsticks_db):
        program = (
            f"import os, psycopg; connection = psycopg.connect({address or repr('')});"
            "print(connection.pgconn.ssl_in_use, connection.info.get_parameters()['sslmode'])"
        )
        environment = {**os.environ, **chopsticks_db.env}
        told = subprocess.check_output([sys.executable, "-c", program], env=environment, text=True)
        assert told == "True verify-full\\n"
"""


@pytest.fixture
def suite(scratch: Scratch) -> Scratch:
    shutil.copytree(SUITE, scratch.root, dirs_exist_ok=True)
    return scratch


def run(suite: Scratch, *options: str, **environment: str) -> Outcome:
    outcome = suite.pytest(
        "--chopsticks-db", "-ra", *options, cwd=None, PYTEST_ADDOPTS=PLUGINS, **environment
    )
    assert "19 passed" in outcome.output, outcome.output
    assert outcome.exit_status == 0
    assert "the test left open session" in outcome.output
    assert "of forgetful, idle in transaction; last query: LOCK TABLE pets" in outcome.output
    return outcome


def dsn_of(server: Server, user: str) -> str:
    endpoint = server.endpoint
    return psycopg.conninfo.make_conninfo(
        host=endpoint.host, port=endpoint.port, user=user, dbname="postgres"
    )


@pytest.mark.parametrize("major", range(13, 19))
def test_local(major: int, suite: Scratch, postgres_programs: Mapping[int, Path]) -> None:
    outcome = run(suite, f"--chopsticks-pg-bin={postgres_programs[major]}")
    assert f"chopsticks: local PostgreSQL {major}" in outcome.output


def test_embedded(suite: Scratch) -> None:
    assert "chopsticks: embedded" in run(suite, "--chopsticks-server=embedded").output


@pytest.mark.parametrize("major", [13, 18])
def test_external(major: int, suite: Scratch, all_postgres: Mapping[int, Server]) -> None:
    server = all_postgres[major]
    outcome = run(suite, CHOPSTICKS_DSN=dsn_of(server, server.user))
    assert "chopsticks: external" in outcome.output


def test_external_by_a_role_that_may_only_create_databases(
    suite: Scratch, all_postgres: Mapping[int, Server]
) -> None:
    server = all_postgres[18]
    with psycopg.connect(dsn_of(server, server.user), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS modest; CREATE ROLE modest LOGIN CREATEDB")
    run(suite, CHOPSTICKS_DSN=dsn_of(server, "modest"))


def test_external_that_writes_dates_as_psycopg_reads_none(
    scratch: Scratch, postgres_programs: Mapping[int, Path]
) -> None:
    scratch.write("test_it.py", READS_A_DATE)
    settings = (("datestyle", "SQL, DMY"),)
    request = ServerRequest(origin="local", pg_bin=postgres_programs[18], settings=settings)

    with start_server(request) as server:
        outcome = scratch.pytest("--chopsticks-db", CHOPSTICKS_DSN=dsn_of(server, server.user))

    assert "3 passed" in outcome.output, outcome.output


def test_pooler(scratch: Scratch, all_postgres: Mapping[int, Server]) -> None:
    """The sessions that it keeps are not those that a test left open."""
    scratch.write("test_it.py", LEAVES_SOMETHING)
    with running_pooler(all_postgres[18], "session") as dsn:
        outcome = scratch.pytest("--chopsticks-db", CHOPSTICKS_DSN=dsn)
    assert "3 passed" in outcome.output
    assert "warning" not in outcome.output


def test_server_that_takes_tls_alone(
    suite: Scratch, postgres_programs: Mapping[int, Path], tmp_path: Path
) -> None:
    """Whom to trust is known to whatever finds the database, by its URL or by its environment."""
    with tls_only_server(postgres_programs[18], tmp_path) as dsn:
        run(suite, CHOPSTICKS_DSN=dsn)
        programs = suite.write("test_programs.py", VERIFIES)
        outcome = suite.pytest("--chopsticks-db", programs.name, CHOPSTICKS_DSN=dsn)
    assert "2 passed" in outcome.output


def test_docker(suite: Scratch, container_engine: Engine) -> None:
    outcome = run(suite, "--chopsticks-server=docker", **container_engine.environment)
    assert "chopsticks: docker" in outcome.output


def test_kept(suite: Scratch) -> None:
    for _ in range(2):
        assert "kept for later runs" in run(suite, "--chopsticks-keep-server").output
    suite.run(f"{suite.python} -m pytest_chopsticks stop")


def test_workers_share_a_server(suite: Scratch) -> None:
    run(suite, "-n2")
