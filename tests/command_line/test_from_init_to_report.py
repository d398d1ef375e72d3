"""A new user's way: a bot in JavaScript, `chopsticks init`, a driver, `smoke`, the report."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BOT = Path(__file__).parents[1] / "javascript" / "implementation"
OWN_FILES = ("package.json", "migrate.mjs", "migrations", "source", "schema_facts.txt")

#: What the user fills into the driver that `init` wrote.
HANDLERS = """\
    const database = open(url);
    return wallets(database);
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A bot that knows nothing of the suite."""
    for name in OWN_FILES:
        source = BOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(BOT / "node_modules")
    return tmp_path


def test_from_init_to_report(repository: Path) -> None:
    chopsticks(repository, "init", "--driver", "node")
    fill_in_the_driver(repository / "conformance" / "driver.mjs")

    smoke = chopsticks(repository, "smoke")
    judge(repository)

    assert "wallets.transfer" in smoke
    report = json.loads((repository / "report.json").read_text())
    counts = report["counts"]
    assert report["result"] == "partial"
    assert report["implementation"]["language"] == "javascript"
    assert counts["failed"] == counts["error"] == 0
    judged = {one["id"] for one in report["requirements"] if one["status"] == "passed"}
    assert {"migrations.recorded.20260214_000000", "economy.conservation"} <= judged


def fill_in_the_driver(driver: Path) -> None:
    """Replace the factory's body, which the skeleton leaves in comments."""
    text = driver.read_text()
    start, end = text.index("({ database, tokenKeys })"), text.index("  },\n  {")
    imports = (
        "import { open } from '../source/database.mjs';\n"
        "import { wallets } from '../source/wallets.mjs';\n"
    )
    head, serving = text[:start].split("\nserve(", 1)
    factory = "({ database: { url } }) => {\n" + HANDLERS
    driver.write_text(f"{head}\n{imports}\nserve({serving}{factory}{text[end:]}")


def chopsticks(directory: Path, *arguments: str) -> str:
    return run(directory, sys.executable, "-m", "pytest_chopsticks", *arguments)


def judge(directory: Path) -> None:
    options = ["-p", "no:cacheprovider", "-p", "no:asyncio", "--chopsticks-report=json:report.json"]
    run(directory, sys.executable, "-m", "pytest", "--chopsticks-db", "-q", *options)


def run(directory: Path, *command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    result = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
