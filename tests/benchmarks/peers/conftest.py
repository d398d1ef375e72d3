# mypy: ignore-errors
"""Times the set-up and tear-down of each test, and the way to the first one, for the benchmark.

The fixture `connection` is what is compared: BENCHMARK_KIND says whose. All of them use the
programs in BENCHMARK_BIN and the schema in `schema.sql`.
"""

import json
import os
import time
from pathlib import Path

import psutil
import psycopg
import pytest

KIND = os.environ["BENCHMARK_KIND"]
TESTS = int(os.environ["BENCHMARK_TESTS"])
BIN = Path(os.environ["BENCHMARK_BIN"])

told = {"started": time.perf_counter(), "spent": [], "first": None, "disk": []}

if KIND == "pytest-postgresql":
    from pytest_postgresql import factories

    process = factories.postgresql_proc(executable=str(BIN / "pg_ctl"), load=[Path("schema.sql")])
    connection = factories.postgresql("process")


@pytest.fixture(scope="session")
def chopsticks_template():
    return "schema.sql"


if KIND in ("recycle", "clone", "rollback"):

    @pytest.fixture
    def connection(chopsticks_conn, chopsticks_server):
        count = len(told["spent"])
        if count in (100, TESTS - 1):
            # The log apart: it grows to its limit, whatever is written.
            told["disk"].append(size(chopsticks_server.data_directory / "base"))
        if count == TESTS - 1:
            told["memory"] = memory(chopsticks_server.data_directory)
        return chopsticks_conn


if KIND == "created":

    @pytest.fixture
    def connection(chopsticks_server, template):
        with observer(chopsticks_server, "postgres") as maintenance:
            maintenance.execute(f"CREATE DATABASE own TEMPLATE {template}")
        with observer(chopsticks_server, "own") as connection:
            connection.autocommit = False
            yield connection
        with observer(chopsticks_server, "postgres") as maintenance:
            maintenance.execute("DROP DATABASE own")


if KIND == "transaction":

    @pytest.fixture
    def connection(open_connection):
        with open_connection.transaction(force_rollback=True):
            yield open_connection

    @pytest.fixture(scope="session")
    def open_connection(chopsticks_server, template):
        with observer(chopsticks_server, template) as connection:
            connection.autocommit = False
            yield connection


if KIND == "testcontainers":
    from testcontainers.community.postgres import PostgresContainer

    @pytest.fixture(scope="session")
    def container():
        with PostgresContainer(os.environ["BENCHMARK_IMAGE"], driver=None) as container:
            yield container

    @pytest.fixture
    def connection(container):
        with psycopg.connect(container.get_connection_url()) as connection:
            connection.execute(Path("schema.sql").read_text())
            yield connection


if KIND == "nothing":

    @pytest.fixture
    def connection():
        return None


@pytest.fixture(scope="session")
def template(chopsticks_server):
    with observer(chopsticks_server, "postgres") as connection:
        connection.execute("CREATE DATABASE schema_template")
    with observer(chopsticks_server, "schema_template") as connection:
        connection.execute(Path("schema.sql").read_text())
    return "schema_template"


def observer(server, database):
    return psycopg.connect(
        host=server.endpoint.host,
        port=server.endpoint.port,
        user=server.user,
        dbname=database,
        autocommit=True,
    )


def size(directory):
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def memory(directory):
    """Bytes of this process, and of the server's, each with its share of what they share."""
    postmaster = int((directory / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(postmaster)
    processes = [server, *server.children(recursive=True)]
    return {
        "server": sum(process.memory_full_info().pss for process in processes),
        "plugin": psutil.Process().memory_full_info().uss,
    }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    item.began = time.perf_counter()
    yield
    item.setup = time.perf_counter() - item.began
    if told["first"] is None:
        told["first"] = time.perf_counter() - told["started"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    began = time.perf_counter()
    yield
    told["spent"].append(item.setup + time.perf_counter() - began)


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        told.setdefault("memory", {"plugin": psutil.Process().memory_full_info().uss})
        Path("told.json").write_text(json.dumps(told))
