"""What a call costs over the operation itself, in this process and through JSON-RPC.

`python -m tests.benchmarks.driver_calls`: the best and the median of many calls, in microseconds.
The operation does nothing, so for JSON-RPC the time of its small driver is in it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from statistics import median

from pytest_chopsticks.implementations import Driver, Target, load_implementation
from tests.implementations.fake_database import FakeDatabase

CALLS = 5_000
ARGUMENTS = {"user_id": "175928847299117063", "amount": 5, "reason": "gift"}

CLASS = """
class Wallets:
    def credit(self, user_id, amount, reason):
        return None

class Driver:
    wallets = Wallets()
    def __init__(self, **_): ...
"""
PROCESS = """
import json, sys
for line in sys.stdin.buffer:
    request = json.loads(line)
    result = {"operations": ["wallets.credit"]} if request["method"] == "initialize" else None
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}) + "\\n")
    sys.stdout.flush()
"""


def main() -> None:
    print(f"{'':<24} {'best':>8} {'median':>8}  µs a call")
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "benchmark_driver.py").write_text(CLASS)
        (root / "process.py").write_text(PROCESS)
        in_process = Target(root / "chopsticks.toml", "b", python="benchmark_driver:Driver")
        command = f"{sys.executable} {root / 'process.py'}"
        json_rpc = Target(root / "chopsticks.toml", "b", command=command)
        report("the method itself", timed_method(root))
        report("in this process", timed(in_process))
        report("JSON-RPC", timed(json_rpc))


def timed_method(root: Path) -> list[float]:
    names: dict[str, type] = {}
    exec(CLASS, names)
    return measured(lambda: names["Driver"].wallets.credit(**ARGUMENTS))  # type: ignore[attr-defined]


def timed(target: Target) -> list[float]:
    implementation = load_implementation(
        target, scratch_database=lambda: nullcontext(FakeDatabase())
    )

    def call(driver: Driver) -> Callable[[], object]:
        return lambda: driver.call("wallets.credit", **ARGUMENTS)

    with implementation.open(FakeDatabase()) as driver:
        return measured(call(driver))


def measured(act: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(CALLS):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1e6)
    return times


def report(what: str, times: list[float]) -> None:
    print(f"{what:<24} {min(times):>8.1f} {median(times):>8.1f}")


if __name__ == "__main__":
    main()
