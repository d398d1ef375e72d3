"""How many operations a second the economy's state machine carries out and judges over JSON-RPC.

`python -m tests.benchmarks.economy_operations`: the reference as a process of its own, every step
followed by a look at the tables; the same in this process, to compare. The processor time of each
process says what is slow, and hardly depends on what else the machine does.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import psycopg
from pytest_chopsticks.bundled.conformance.fixtures import create_canonical

from pytest_chopsticks.bundled import ROOT
from pytest_chopsticks.databases import DatabaseProvider, Role
from pytest_chopsticks.economy import DEFAULT_SETTINGS, run_economy
from pytest_chopsticks.implementations import Outcome, Target, load_implementation
from pytest_chopsticks.servers import ServerRequest, start_server

_COMMAND = f"PYTHONPATH={ROOT} exec {sys.executable} -m reference_impl"
_PYTHON = "pytest_chopsticks.bundled.reference_impl:Implementation"
_SETTINGS = hypothesis.settings(DEFAULT_SETTINGS, max_examples=60)
#: What Hypothesis does once in a process is not counted.
_FIRST = hypothesis.settings(DEFAULT_SETTINGS, max_examples=2)


def main() -> None:
    role = Role("owner", secrets.token_urlsafe(8))
    with (
        start_server(ServerRequest(tcp=True)) as server,
        DatabaseProvider(server, role, run="operations") as provider,
    ):
        nowhere = Path("chopsticks.toml").resolve()
        measure(provider, "JSON-RPC", Target(nowhere, "reference", command=_COMMAND))
        measure(provider, "in process", Target(nowhere, "reference", python=_PYTHON))


def measure(provider: DatabaseProvider, how: str, target: Target) -> None:
    operations = 0
    with provider.empty() as database:
        create_canonical(database)
        with (
            load_implementation(target).open(database) as driver,
            database.observe(autocommit=True) as connection,
        ):

            def call(operation: str, /, **arguments: object) -> Outcome:
                nonlocal operations
                operations += 1
                return driver.call(operation, **arguments)

            run_economy(call, connection, settings=_FIRST, seed=1)
            processes = processes_at_work(connection)
            operations, before, started = 0, cpu_of(processes), time.perf_counter()
            run_economy(call, connection, settings=_SETTINGS)
            took, after = time.perf_counter() - started, cpu_of(processes)
    print(f"{how}: {operations} operations in {took:.1f} s, {operations / took:.0f} a second")
    spent = {name: (after[name] - before[name]) * 1000 / operations for name in after}
    print("  processor ms each:", ", ".join(f"{name} {ms:.2f}" for name, ms in spent.items()))


def processes_at_work(connection: psycopg.Connection[Any]) -> Mapping[str, list[psutil.Process]]:
    """This process, the driver's if it has one, and the server's for this database."""
    rows = connection.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    ).fetchall()
    this = psutil.Process()
    drivers = [one for one in this.children() if one.cmdline()[-1:] == ["reference_impl"]]
    return {"suite": [this], "driver": drivers, "server": [psutil.Process(pid) for (pid,) in rows]}


def cpu_of(processes: Mapping[str, Iterable[psutil.Process]]) -> dict[str, float]:
    return {
        name: sum(times.user + times.system for times in (one.cpu_times() for one in some))
        for name, some in processes.items()
    }


if __name__ == "__main__":
    main()
