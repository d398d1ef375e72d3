"""What becomes of a whole run with each faulty driver: its verdict, and what comes after the fault.

The tables are an honest command's. The first requirement needs the operation in which the driver
lies, the second one needs no driver: it passes, whatever the first one met.
"""

from __future__ import annotations

import json
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from pytest_chopsticks.bundled.conformance.canonical_ddl import create_statements
from pytest_chopsticks.bundled.conformance.canonical_schema import TABLES

from pytest_chopsticks.servers import ServerRequest, start_server
from tests.implementations.marked_processes import MARK, running
from tests.implementations.test_faulty_drivers import AT_START, IN_A_CALL, ROOT, Told
from tests.mutants.judging import Findings, Judge

ASKED, NEXT = "settings.updated-at", "schema.table.user_pets"
TESTS = ("settings::test_updated_at", "schema::test_table[user_pets]")
MIGRATE = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    for statement in {statements!r}:
        connection.execute(statement)
"""


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    with start_server(ServerRequest(origin="embedded", tcp=True)) as server:
        assert server.tcp is not None
        where, place = server.endpoint, server.tcp
        password = secrets.token_urlsafe(8)
        with psycopg.connect(
            host=where.host, port=where.port, user=server.user, dbname="postgres"
        ) as connection:
            connection.execute(f"CREATE ROLE judge SUPERUSER LOGIN PASSWORD '{password}'".encode())
        yield f"host={place.host} port={place.port} user=judge password={password} dbname=postgres"


@pytest.fixture
def judge(dsn: str, tmp_path: Path) -> Judge:
    return Judge(dsn, tmp_path)


def judged(judge: Judge, driver: str, mark: str) -> tuple[str, Findings]:
    """The verdict of the run, and what became of the two requirements."""
    migrate = judge.directory / "migrate.py"
    migrate.write_text(MIGRATE.format(statements=list(create_statements(TABLES))))
    environment = f"PYTHONPATH={ROOT} BAIT=settings.save {MARK}={mark}"
    findings = judge.target(
        areas=TESTS,
        options=["--chopsticks-time-limit=5"] if driver.startswith("hangs") else [],
        migrate=f"{sys.executable} {migrate}",
        command=f"{environment} {sys.executable} -m tests.fauxmplementations.{driver}",
    )
    report = json.loads((judge.directory / "report.json").read_text("utf-8"))
    return report["result"], findings


@pytest.mark.parametrize("told", IN_A_CALL, ids=lambda told: told.driver)
def test_a_fault_in_a_call_is_an_error_of_that_requirement_alone(
    judge: Judge, told: Told, mark: str
) -> None:
    result, findings = judged(judge, told.driver, mark)

    assert result == "error"
    assert findings.errors.keys() == {ASKED}
    assert re.search(told.hint, findings.errors[ASKED])
    assert findings.passed == {NEXT}
    assert not running(mark)


@pytest.mark.parametrize("told", AT_START, ids=lambda told: told.driver)
def test_a_fault_at_the_start_is_an_error_and_nobodys_failure(
    judge: Judge, told: Told, mark: str
) -> None:
    """What the driver claims is not known, and so neither is what there is to judge."""
    result, findings = judged(judge, told.driver, mark)

    assert result == "error"
    assert findings.errors.keys() == {ASKED, NEXT}
    assert all(re.search(told.hint.lstrip("^"), error) for error in findings.errors.values())
    assert not findings.passed
    assert not findings.failed
    assert not running(mark)


def test_children_that_survive_are_an_error_and_nobodys_failure(judge: Judge, mark: str) -> None:
    """It is told where the driver is closed."""
    result, findings = judged(judge, "leaves_children", mark)

    assert result == "error"
    assert any("shutdown left processes behind" in told for told in findings.errors.values())
    assert not findings.failed
    assert not running(mark)
