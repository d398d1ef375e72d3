"""The contract can be met from outside Python: the suite judges an implementation in JavaScript."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def report(implementation: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The suite's report on it."""
    path = tmp_path_factory.mktemp("report") / "report.json"
    command = [sys.executable, "-m", "pytest", "--chopsticks-db", "-q", "-p", "no:cacheprovider"]
    command += [f"--chopsticks-report=json:{path}", "-c", os.devnull, "--confcutdir=."]
    result = subprocess.run(
        [*command, "chopsticks.toml"], cwd=implementation, capture_output=True, text=True
    )
    assert path.exists(), result.stdout + result.stderr
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_it_passes_everything_that_it_claims(report: dict[str, Any]) -> None:
    others = {
        one["id"]: one["message"]
        for one in report["requirements"]
        if one["status"] not in ("passed", "not-claimed")
    }
    assert others == {}
    assert report["counts"]["passed"] > 0


def test_it_claims_every_operation(report: dict[str, Any]) -> None:
    not_claimed = [one["id"] for one in report["requirements"] if one["status"] == "not-claimed"]
    assert not_claimed == []
    assert report["implementation"]["language"] == "javascript"
