"""Judges the canary, and fails unless the run fails exactly as it must.

Run as `python tests/canary/check.py`: a suite that lets the canary pass, or finds more wrong with
it, would let a broken implementation pass or cry wolf.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TARGET = "tests/canary/chopsticks.toml"
ITEM = f"{TARGET}::audit::test_append"

FAILED = {
    "audit.append": "Expected: audit_log.details has 'before' = None\n"
    "Actual:   details is {'after': {'roles': ['✓', 1.5, True]}, 'large': 9007199254740991}"
}
SECTION = (
    "Result: nonconformant",
    "× audit.append   MUST   DATABASE_SCHEMA.md §6 audit_log",
    f"  Reproduce: pytest --chopsticks-db {ITEM}",
)


def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.json")
        run = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "--chopsticks-db", TARGET),
                f"--chopsticks-report=json:{report}",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if not report.exists():
            sys.exit(f"{run.stdout}{run.stderr}\nthe canary's run wrote no report")
        complaints = list(_complaints(run, json.loads(report.read_text("utf-8"))))
    print("\n".join(complaints) or "the canary fails as it must: 1 of its requirements, and pytest")
    return 1 if complaints else 0


def _complaints(run: subprocess.CompletedProcess[str], report: Any) -> Iterator[str]:
    requirements = report["requirements"]
    others = {
        one["id"]: one["status"]
        for one in requirements
        if one["status"] != "passed" and one["id"] not in FAILED
    }
    failed = {one["id"]: one["message"] for one in requirements if one["status"] == "failed"}
    for what, expected, actual in (
        ("exit status", 1, run.returncode),
        ("result", "nonconformant", report["result"]),
        ("errors", [], report["errors"]),
        ("failed requirements and their messages", FAILED, failed),
        ("others that did not pass", {}, others),
    ):
        if actual != expected:
            yield f"canary: {what}: expected {expected!r}, got {actual!r}"
    for line in SECTION:
        if line not in run.stdout.splitlines():
            yield f"canary: the terminal does not say: {line}"


if __name__ == "__main__":
    sys.exit(main())
