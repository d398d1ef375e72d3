"""A migration gets from our client what it gets from npm's `pg`, type by type."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from pytest_chopsticks.databases import Database
from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.migrations.run_migration import run_up

VALUES = Path(__file__).with_name("values")
MIGRATION = VALUES / "20260101_000000_values.mjs"


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/New_York"])
def test_values_results_and_errors_are_those_of_pg(
    zone: str, database: Database, implementation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    theirs = subprocess.run(
        ["node", str(VALUES / "run_with_pg.mjs"), str(MIGRATION), str(implementation)],
        env={**os.environ, **database.env},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    with database.connect() as connection:
        ours = run_up(MigrationFile(MIGRATION.name, MIGRATION), connection).output
    assert [json.loads(line) for line in ours.splitlines()] == [
        json.loads(line) for line in theirs.splitlines()
    ]
