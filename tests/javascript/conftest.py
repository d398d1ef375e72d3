"""A server that programs reach over TCP, an empty database for each test, and `pg` from npm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_chopsticks.command_line.own_databases import own_databases
from pytest_chopsticks.databases import Database, DatabaseProvider

IMPLEMENTATION = Path(__file__).with_name("implementation")

#: The suite's report on what a directory describes, given what to collect there.
ReportOn = Callable[[Path, str], dict[str, Any]]


@pytest.fixture(scope="session")
def databases() -> Iterator[DatabaseProvider]:
    with own_databases(tcp=True) as provider:
        yield provider


@pytest.fixture
def database(databases: DatabaseProvider) -> Iterator[Database]:
    with databases.empty() as database:
        yield database


@pytest.fixture(scope="session")
def implementation() -> Path:
    """The directory of the implementation in JavaScript, with its packages."""
    if not (IMPLEMENTATION / "node_modules/pg").is_dir():
        pytest.fail(f"pg is missing; run: npm install --prefix {IMPLEMENTATION}")
    return IMPLEMENTATION


@pytest.fixture(scope="session")
def report_on(tmp_path_factory: pytest.TempPathFactory) -> ReportOn:
    """Runs the suite in a process of its own, whatever comes of it."""

    def run(directory: Path, collected: str) -> dict[str, Any]:
        path = tmp_path_factory.mktemp("report") / "report.json"
        command = [sys.executable, "-m", "pytest", "--chopsticks-db", "-q"]
        command += ["-p", "no:cacheprovider", "-c", os.devnull, "--confcutdir=."]
        result = subprocess.run(
            [*command, f"--chopsticks-report=json:{path}", collected],
            cwd=directory,
            capture_output=True,
            text=True,
        )
        assert path.exists(), result.stdout + result.stderr
        found: dict[str, Any] = json.loads(path.read_text())
        return found

    return run
