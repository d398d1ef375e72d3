"""What a run leaves on a server that stays is removed by the next one, and nothing else."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from pytest_chopsticks.databases.abandoned import (
    hold,
    mark_database,
    mark_role,
    remove_abandoned,
    remove_run,
)
from pytest_chopsticks.servers import Server

#: A run in a process of its own, which ends by being killed.
RUN = """
import sys
import psycopg
from pytest_chopsticks.databases.abandoned import hold, mark_database
dsn, run, name = sys.argv[1:]
lock, connection = psycopg.connect(dsn, autocommit=True), psycopg.connect(dsn, autocommit=True)
hold(lock, run)
connection.execute(f'CREATE DATABASE "{name}"')
connection.execute(mark_database(name, run))
print("made", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def connection(each_postgres: Server) -> Iterator[psycopg.Connection[Any]]:
    """To a server on which other tests' killed runs have left nothing."""
    with connect(each_postgres) as connection:
        remove_abandoned(connection)
        yield connection


@pytest.fixture
def run() -> str:
    return secrets.token_hex(4)


def connect(
    server: Server, database: str = "postgres", user: str | None = None
) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=server.endpoint.host,
        port=server.endpoint.port,
        user=user or server.user,
        dbname=database,
        autocommit=True,
    )


def create(connection: psycopg.Connection[Any], run: str, *, template: bool = False) -> str:
    name = f"chopsticks_{run}_{secrets.token_hex(4)}"
    suffix = " TEMPLATE template0" + (" IS_TEMPLATE true" if template else "")
    connection.execute(sql.SQL("CREATE DATABASE {}" + suffix).format(sql.Identifier(name)))
    connection.execute(mark_database(name, run))
    return name


def exists(connection: psycopg.Connection[Any], name: str) -> bool:
    named = "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles"
    return (name,) in connection.execute(named).fetchall()


def drop(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@contextmanager
def killed_run(server: Server, run: str) -> Iterator[str]:
    """Yields, while the run lives, the name of its database; afterwards it is killed."""
    name = f"chopsticks_{run}_main_1"
    with connect(server) as connection:
        dsn = connection.info.dsn
    command = [sys.executable, "-c", RUN, dsn, run, name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"made\n"
        yield name
        process.kill()


def wait_until_locks_are_gone(connection: psycopg.Connection[Any]) -> None:
    """The server notices a moment later that a client was killed."""
    while connection.execute("SELECT FROM pg_locks WHERE locktype = 'advisory'").rowcount:
        continue


def test_database_of_a_killed_run_is_removed_and_of_a_living_one_stays(
    each_postgres: Server, connection: psycopg.Connection[Any], run: str
) -> None:
    with killed_run(each_postgres, run) as name:
        assert remove_abandoned(connection) == []
    wait_until_locks_are_gone(connection)
    assert remove_abandoned(connection) == [name]
    assert not exists(connection, name)


def test_living_run_is_seen_from_another_database(
    each_postgres: Server, connection: psycopg.Connection[Any], run: str
) -> None:
    with connect(each_postgres, "template1") as lock:
        hold(lock, run)
        name = create(connection, run)
        assert remove_abandoned(connection) == []
    wait_until_locks_are_gone(connection)
    assert remove_abandoned(connection) == [name]


def test_run_that_is_back_at_the_second_look_lives(
    each_postgres: Server,
    connection: psycopg.Connection[Any],
    run: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server had ended its session, and it had not yet taken its lock again."""
    name = create(connection, run)
    with connect(each_postgres) as lock, monkeypatch.context() as meanwhile:
        meanwhile.setattr("time.sleep", lambda _: hold(lock, run))
        assert remove_abandoned(connection) == []
    assert remove_run(connection, run) == [name]


def test_name_alone_proves_nothing(connection: psycopg.Connection[Any], run: str) -> None:
    name = f"chopsticks_{run}_main_1"
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    assert remove_abandoned(connection) == []
    drop(connection, name)


def test_comment_of_another_kind_proves_nothing(
    connection: psycopg.Connection[Any], run: str
) -> None:
    name = create(connection, run)
    statement = sql.SQL("COMMENT ON DATABASE {} IS 'not made by pytest-chopsticks for run 1'")
    connection.execute(statement.format(sql.Identifier(name)))
    assert remove_abandoned(connection) == []
    drop(connection, name)


def test_templates_and_databases_with_sessions_are_removed(
    each_postgres: Server, connection: psycopg.Connection[Any], run: str
) -> None:
    name = create(connection, run, template=True)
    with connect(each_postgres, name):
        assert remove_abandoned(connection) == [name]


def test_role_goes_with_its_databases(connection: psycopg.Connection[Any], run: str) -> None:
    """Also with one whose mark was not made any more."""
    role, name = f"chopsticks_app_{run}", f"chopsticks_{run}_main_1"
    with connection.transaction():
        connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        connection.execute(mark_role(role, run))
    owned = sql.SQL("CREATE DATABASE {} OWNER {}")
    connection.execute(owned.format(sql.Identifier(name), sql.Identifier(role)))
    assert remove_abandoned(connection) == [name, role]
    assert not exists(connection, role)


def test_role_without_rights_on_a_database_leaves_it(
    each_postgres: Server, connection: psycopg.Connection[Any], run: str
) -> None:
    name = create(connection, run)
    connection.execute("CREATE ROLE visitor LOGIN CREATEDB")
    with connect(each_postgres, user="visitor") as visiting:
        assert remove_abandoned(visiting) == []
        own = create(visiting, run)
        assert remove_abandoned(visiting) == [own]
    connection.execute("DROP ROLE visitor")
    assert remove_abandoned(connection) == [name]


def test_end_of_a_run_removes_what_is_its_own(
    connection: psycopg.Connection[Any], run: str
) -> None:
    own, other = create(connection, run), create(connection, f"{run}0")
    assert remove_run(connection, run) == [own]
    assert remove_run(connection, f"{run}0") == [other]
