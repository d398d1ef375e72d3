"""A fault of the driver is the suite's `error` in a whole run, never a failed requirement."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("driver", "message"),
    [
        ("exits_in_a_call", "migrate() was not answered: the driver ended, with exit status 3"),
        ("prints_to_stdout", "migrate() was answered with text that is not JSON"),
        ("speaks_protocol_2", "initialize was answered in protocol 2"),
    ],
)
def test_a_fault_is_an_error(tmp_path: Path, driver: str, message: str) -> None:
    command = f"cd {ROOT} && {sys.executable} -m tests.fauxmplementations.{driver}"
    (tmp_path / "chopsticks.toml").write_text(
        f"[implementation]\nname = 'faux'\ncommand = '{command}'\n"
    )
    arguments = [
        "--chopsticks-db",
        "--chopsticks-report=json:report.json",
        "-k",
        "table",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert message in done.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["result"] == "error"
    statuses = Counter(requirement["status"] for requirement in report["requirements"])
    assert statuses["failed"] == 0
    assert statuses["passed"] == statuses["known-failure"] == 0
