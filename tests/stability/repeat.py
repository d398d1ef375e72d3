"""Judges the reference again and again, under load, and says which requirements differ.

`python tests/stability/repeat.py [ROUNDS]`: complete runs of `pytest --chopsticks-db` in random
order, in one process and in two by turns, each in another time zone and locale, with both cores
kept busy by others. One verdict, one status and one message per requirement is what must come out.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ROUNDS = 20
TIME_ZONES = ("UTC", "America/St_Johns", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Niue")
LOCALES = ("C", "C.UTF-8", "POSIX")

Outcome = tuple[str, str]


def main(rounds: int) -> int:
    outcomes: dict[str, dict[Outcome, list[int]]] = defaultdict(lambda: defaultdict(list))
    with _load():
        for number in range(rounds):
            report = _judge(number)
            for id_, outcome in _outcomes(report):
                outcomes[id_][outcome].append(number)
            print(f"round {number}: {report['result']} {report['counts']}", flush=True)
    differing = {id_: seen for id_, seen in outcomes.items() if len(seen) > 1}
    for id_, seen in differing.items():
        print(f"× {id_}")
        for (status, message), numbers in seen.items():
            print(f"  {status} in rounds {numbers}: {message}")
    print(f"{rounds} rounds, {len(outcomes) - 1} requirements, {len(differing)} that differ")
    return 1 if differing else 0


def _judge(number: int) -> Any:
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.json")
        ran = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-n", "02"[number % 2]),
                *("-p", "no:cacheprovider", "--chopsticks-db", "chopsticks.toml"),
                *("--random-order-bucket=global", f"--random-order-seed={number}"),
                f"--chopsticks-report=json:{report}",
            ],
            cwd=ROOT,
            env={**os.environ, **_surroundings(number)},
            capture_output=True,
            text=True,
        )
        if not report.exists():
            sys.exit(f"round {number} wrote no report:\n{ran.stdout}{ran.stderr}")
        return json.loads(report.read_text("utf-8"))


def _surroundings(number: int) -> dict[str, str]:
    return {
        "TZ": TIME_ZONES[number % len(TIME_ZONES)],
        "LC_ALL": LOCALES[number % len(LOCALES)],
    }


def _outcomes(report: Any) -> Iterator[tuple[str, Outcome]]:
    yield "the verdict", (report["result"], "; ".join(report["errors"]))
    for one in report["requirements"]:
        yield one["id"], (one["status"], one["message"] or "")


@contextmanager
def _load() -> Iterator[None]:
    """One process per core that does nothing but keep it busy."""
    busy = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for process in busy:
        process.start()
    try:
        yield
    finally:
        for process in busy:
            process.terminate()
            process.join()


def _spin() -> None:
    while True:
        pass


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
