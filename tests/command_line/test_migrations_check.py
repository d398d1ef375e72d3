"""`chopsticks migrations check`, as a developer and as CI call it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_chopsticks.command_line import main

FIRST = "CREATE TABLE pets (id bigint PRIMARY KEY, name text NOT NULL);\n"
GOOD = "ALTER TABLE pets ADD mood text;\n"
BAD = "\n-- The name is not needed any more.\nALTER TABLE pets DROP COLUMN name;\n"
BASELINE = """\
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("CREATE TABLE owners (id int PRIMARY KEY)")
print("once", file=open("laid", "a"))
"""
TARGET = f"""\
[implementation]
name = "grown"
baseline = "{sys.executable} baseline.py"
migrate = "true"
migrations = "migrations"
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with three migrations, the last of which is bad, as the working directory."""
    directory = tmp_path / "migrations"
    directory.mkdir()
    (directory / "20260101_000000_pets.sql").write_text(FIRST)
    (directory / "20260102_000000_mood.sql").write_text(GOOD)
    (directory / "20260103_000000_anonymous.sql").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_row_per_migration_and_every_break_with_its_line(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["migrations", "check"])
    out = capsys.readouterr().out
    assert status == 1
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("2026")] == [
        ["20260101_000000_pets.sql", "ok"],
        ["20260102_000000_mood.sql", "ok"],
        ["20260103_000000_anonymous.sql", "BREAKS"],
    ]
    assert "20260103_000000_anonymous.sql:3: column-removed: column pets.name is gone" in out
    assert "migrations that break nothing: 2 of 3" in out


def test_the_exit_status_says_that_nothing_breaks(repository: Path) -> None:
    assert main(["migrations", "check", "--only", "20260102_000000"]) == 0


def test_from_a_version_on(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["migrations", "check", str(repository / "migrations"), "--since", "20260103_000000"])
    assert "migrations that break nothing: 0 of 1" in capsys.readouterr().out


def test_sarif_puts_each_finding_at_its_line(repository: Path) -> None:
    main(["migrations", "check", "--sarif", "findings.sarif"])
    log = json.loads((repository / "findings.sarif").read_text())
    result = _result(log, "column-removed")
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {
            "uri": "migrations/20260103_000000_anonymous.sql",
            "uriBaseId": "ROOT",
        },
        "region": {"startLine": 3},
    }


def test_sarif_calls_what_is_declared_suppressed(repository: Path) -> None:
    declared = "-- chopsticks: allow index-removed i: another serves the same\nDROP INDEX i;\n"
    (repository / "migrations/20260103_000000_anonymous.sql").write_text(
        "CREATE INDEX i ON pets (name);"
    )
    (repository / "migrations/20260104_000000_less.sql").write_text(declared)
    main(["migrations", "check", "--sarif", "findings.sarif"])
    log = json.loads((repository / "findings.sarif").read_text())
    assert _result(log, "index-removed")["suppressions"] == [
        {"kind": "inSource", "justification": "another serves the same"}
    ]


def test_what_a_baseline_makes_is_there_before_the_first_migration(repository: Path) -> None:
    """Its command runs once, however many migrations there are."""
    (repository / "baseline.py").write_text(BASELINE)
    (repository / "chopsticks.toml").write_text(TARGET)
    (repository / "migrations/20260101_000000_pets.sql").write_text(
        "CREATE TABLE pets (id int PRIMARY KEY, name text NOT NULL, owner int REFERENCES owners);"
    )

    status = main(["migrations", "check", "--only", "20260101_000000", "--only", "20260102_000000"])

    assert status == 0
    assert (repository / "laid").read_text() == "once\n"


def test_no_migrations_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["migrations", "check"]) == 2
    assert "there is no migration file in" in capsys.readouterr().err


def test_an_unknown_version_is_no_success(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrations", "check", "--only", "20990101_000000"]) == 2
    assert "there is no migration 20990101_000000" in capsys.readouterr().err


def _result(log: dict[str, Any], rule: str) -> dict[str, Any]:
    (result,) = (one for one in log["runs"][0]["results"] if one["ruleId"] == rule)
    return dict(result)
