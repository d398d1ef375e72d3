"""The matrix of a run is gathered where the run is spread over processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_chopsticks.bundled import ROOT

NAMES = ("table-renamed-user_pets", "index-renamed-user_pets.user_id")


@pytest.mark.parametrize("processes", [0, 2])
def test_report_has_what_every_process_has_judged(processes: int, tmp_path: Path) -> None:
    report = tmp_path / "matrix.json"
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/mutants/test_schema_mutants.py", "-q"),
            *("-k", " or ".join(NAMES), f"-n{processes}", f"--kill-matrix={report}"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert ran.returncode == 0, ran.stdout
    assert "2 of 2 mutants judged were caught" in ran.stdout
    judged = [one for one in json.loads(report.read_text())["mutants"] if one["judged"]]
    assert {one["name"] for one in judged} == set(NAMES)
    assert all(set(one["meant_for"]) == one["caught_by"].keys() for one in judged)
