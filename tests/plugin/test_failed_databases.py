"""The database of a failed test stays as long as its server does, and the run says how to look."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

import psycopg
import psycopg.conninfo
import pytest
from psycopg.sql import SQL, Identifier

from pytest_chopsticks.servers import Server
from tests.plugin.scratch import Outcome, Scratch

FAILING = """
    import pytest

    @pytest.mark.parametrize("number", range(5))
    def test_it(number, chopsticks_conn):
        chopsticks_conn.execute("INSERT INTO agent_runners VALUES ('r', %s)", [number])
        chopsticks_conn.commit()
        assert False
"""
#: Two tests leave a transaction of the same name; only one can have it at a time.
HALF_DONE = """
    import pytest

    @pytest.mark.parametrize("number", range(2))
    def test_it(number, chopsticks_db):
        with chopsticks_db.connect(autocommit=True) as connection:
            connection.execute("INSERT INTO agent_runners VALUES ('seen', %s)", [number])
            connection.execute("BEGIN; LOCK TABLE audit_log; PREPARE TRANSACTION 'half done'")
        raise ValueError("prepared")
"""
LISTED = re.compile(r"^  test_it\.py::test_it\[(\d)\]\n    psql (.*)$", re.MULTILINE)


def kept(outcome: Outcome) -> dict[str, str]:
    """The connection strings that the end of the run lists, by the test's number."""
    return {number: shlex.split(dsn)[0] for number, dsn in LISTED.findall(outcome.output)}


def rows(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT last_seen FROM agent_runners").fetchall()


@pytest.fixture
def external(all_postgres: Mapping[int, Server]) -> str:
    server = all_postgres[18]
    return psycopg.conninfo.make_conninfo(
        host=server.endpoint.host, port=server.endpoint.port, user=server.user, dbname="postgres"
    )


def test_on_a_server_that_stays_they_stay_until_the_next_run(
    scratch: Scratch, external: str
) -> None:
    scratch.write("test_it.py", FAILING)
    first = kept(scratch.pytest("--chopsticks-db", CHOPSTICKS_DSN=external))
    assert sorted(first) == ["2", "3", "4"], "the last three"
    assert {number: rows(dsn) for number, dsn in first.items()} == {
        number: [(int(number),)] for number in first
    }

    scratch.write("test_it.py", "def test_it(chopsticks_conn): pass")
    scratch.pytest("--chopsticks-db", CHOPSTICKS_DSN=external)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        rows(first["4"])


def test_those_of_workers_are_listed(scratch: Scratch, external: str) -> None:
    scratch.write("test_it.py", FAILING)
    outcome = scratch.pytest("--chopsticks-db", "-n2", CHOPSTICKS_DSN=external)
    assert all(rows(dsn) == [(int(number),)] for number, dsn in kept(outcome).items())
    assert len(kept(outcome)) >= 3


@pytest.mark.parametrize("isolation", ["recycle", "clone"])
def test_prepared_transactions_are_rolled_back(
    isolation: str, scratch: Scratch, external: str
) -> None:
    """What other sessions could see is still there, and it can be dropped by anyone who may."""
    scratch.write("test_it.py", HALF_DONE)
    options = ("--chopsticks-db", f"--chopsticks-isolation={isolation}")
    outcome = scratch.pytest(*options, CHOPSTICKS_DSN=external)
    assert outcome.output.count(" - ValueError: prepared") == 2, outcome.output
    dsns = kept(outcome)
    assert {number: rows(dsn) for number, dsn in dsns.items()} == {"0": [(0,)], "1": [(1,)]}
    with psycopg.connect(external, autocommit=True) as connection:
        assert connection.execute("SELECT gid FROM pg_prepared_xacts").fetchall() == []
        for dsn in dsns.values():
            name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
            connection.execute(SQL("DROP DATABASE {}").format(Identifier(str(name))))


def test_on_a_server_that_goes_they_are_said_to_be_gone(scratch: Scratch) -> None:
    scratch.write("test_it.py", FAILING)
    outcome = scratch.pytest("--chopsticks-db")
    assert "the databases of failed tests are gone with the server" in outcome.output
    assert "--chopsticks-keep-server" in outcome.output


def test_without_failures_nothing_is_said(scratch: Scratch) -> None:
    scratch.write("test_it.py", "def test_it(chopsticks_conn): pass")
    assert "failed tests" not in scratch.pytest("--chopsticks-db").output


def test_the_report_shows_what_is_going_on_in_the_database(scratch: Scratch) -> None:
    scratch.write(
        "test_it.py",
        """
        import threading
        import time

        def test_before(chopsticks_conn):
            pass

        def test_it(chopsticks_db):
            holder, waiter, other = (chopsticks_db.connect(autocommit=True) for _ in range(3))
            holder.execute("BEGIN; INSERT INTO agent_runners VALUES ('r', 1)")
            holder.execute("LOCK TABLE user_pets")
            other.execute("BEGIN; LOCK TABLE audit_log; PREPARE TRANSACTION 'half done'")
            waiting = "SELECT count(*) FROM user_pets"
            threading.Thread(target=waiter.execute, args=[waiting], daemon=True).start()
            blocked = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while not other.execute(blocked).fetchall():
                time.sleep(0.01)
            other.close()
            assert False
        """,
    )
    told = scratch.pytest("--chopsticks-db", "--tb=line").output.partition("Chopsticks database")[2]
    holder = re.search(
        r"session (\d+), idle in transaction, holds (.*)\n  last statement: (.*)", told
    )
    waiter = re.search(r"session \d+, active, waits for (\d+)\n  last statement: (.*)", told)
    assert holder, told
    assert waiter, told
    assert waiter.groups() == (holder[1], "SELECT count(*) FROM user_pets")
    assert holder[2] == "AccessExclusiveLock on user_pets, RowExclusiveLock on agent_runners"
    assert holder[3] == "LOCK TABLE user_pets"
    assert (
        "prepared transaction 'half done', which held AccessExclusiveLock on audit_log: rolled back"
    ) in told
    assert told.count("session ") == 2, "the one that tests share is idle, and nobody's"
