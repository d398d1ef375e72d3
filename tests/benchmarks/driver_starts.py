"""How long a driver takes from its start to its first answer, over what its interpreter takes.

`python -m tests.benchmarks.driver_starts`: the best and the median of some starts, in
milliseconds; all take turns, so that what else the machine does slows all of them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from pytest_chopsticks.implementations import Target, load_implementation
from tests.implementations.fake_database import FakeDatabase
from tests.javascript.driver_process import NODE_HELPER

STARTS = 20
IMPLEMENTATION = Path(__file__).parents[1] / "javascript" / "implementation" / "driver.mjs"
SMALL = f"""
import {{ serve }} from {str(NODE_HELPER)!r};
serve({{ 'wallets.credit': () => null }}, {{ name: 'small' }});
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        small = Path(directory) / "driver.mjs"
        small.write_text(SMALL)
        starts: dict[str, Callable[[], float]] = {
            "node -e 0": lambda: run("node", "-e", "0"),
            "a driver in Node": lambda: first_answer(f"node {small}"),
            "the same on npm's pg": lambda: first_answer(f"node {IMPLEMENTATION}"),
            "python -c 0": lambda: run(sys.executable, "-c", "0"),
            "the reference": lambda: first_answer(f"{sys.executable} -m reference_impl"),
        }
        turns = [{name: start() for name, start in starts.items()} for _ in range(STARTS)]
    print(f"{'':<24} {'best':>8} {'median':>8}  ms")
    for name in starts:
        times = [turn[name] for turn in turns]
        print(f"{name:<24} {min(times):>8.0f} {median(times):>8.0f}")


def run(*command: str) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return (time.perf_counter() - started) * 1000


def first_answer(command: str) -> float:
    implementation = load_implementation(
        Target(Path("chopsticks.toml").resolve(), "b", command=command)
    )
    started = time.perf_counter()
    with implementation.open(FakeDatabase()):
        return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
