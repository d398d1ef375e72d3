"""The reference implementation in a process of its own, on a real database."""

from __future__ import annotations

import shlex
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.command_line.own_databases import own_databases
from pytest_chopsticks.command_line.smoke_calls import FACTS, PREPARATION, smoke_calls
from pytest_chopsticks.databases import Database, DatabaseProvider
from pytest_chopsticks.implementations import (
    OPERATIONS,
    Accepted,
    Implementation,
    Refused,
    Target,
    load_implementation,
)
from tests.implementations.test_jsonrpc_driver import RECORDING, ROOT, check_record

REFERENCE = f"{sys.executable} -m reference_impl"


@pytest.fixture(scope="module")
def databases() -> Iterator[DatabaseProvider]:
    with own_databases(tcp=True) as provider:
        yield provider


@pytest.fixture
def database(databases: DatabaseProvider) -> Iterator[Database]:
    with databases.empty() as database:
        yield database


def reference(databases: DatabaseProvider, command: str = REFERENCE) -> Implementation:
    target = Target(ROOT / "chopsticks.toml", "reference", command=command)
    return load_implementation(target, scratch_database=databases.empty)


def test_every_message_of_every_operation_is_as_its_schema_says(
    databases: DatabaseProvider, database: Database, tmp_path: Path
) -> None:
    record = tmp_path / "record"
    recording = f"{RECORDING} {shlex.quote(str(record))} {REFERENCE}"
    implementation = reference(databases, recording)
    implementation.migrate(database).expect_accepted("migrate")
    record.unlink()
    results: dict[str, Any] = {}
    with database.connect() as connection:
        connection.execute(PREPARATION, FACTS)
    with implementation.open(database) as driver:
        driver.call("migrate")
        for call in smoke_calls(results):
            outcome = driver.call(call.operation, **call.arguments)
            assert isinstance(outcome, Accepted), (call, outcome)
            results[call.operation] = outcome.result
        assert isinstance(driver.call("agents.token", agent_id="agent1"), Refused)
    assert set(check_record(record)) == {"initialize", "shutdown", *OPERATIONS}


def test_threads_share_a_driver_and_nothing_is_lost(
    databases: DatabaseProvider, database: Database
) -> None:
    implementation = reference(databases)
    implementation.migrate(database).expect_accepted("migrate")
    with implementation.open(database) as driver:

        def credit() -> None:
            for _ in range(20):
                driver.call("wallets.credit", user_id="1", amount=1, reason="gift")

        threads = [threading.Thread(target=credit) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert balance(database) == 160


def balance(database: Database) -> object:
    with psycopg.connect(database.dsn) as connection:
        row = connection.execute("SELECT balance FROM user_wallets").fetchone()
    return row and row[0]
