"""How many operations a second the economy's state machine carries out and judges over JSON-RPC.

`python -m tests.benchmarks.economy_operations`: the reference as a process of its own, every step
followed by a look at the tables; the same in this process, to compare.
"""

from __future__ import annotations

import secrets
import sys
import time
from pathlib import Path

import hypothesis
from pytest_chopsticks.bundled.conformance.fixtures import create_canonical

from pytest_chopsticks.bundled import ROOT
from pytest_chopsticks.databases import DatabaseProvider, Role
from pytest_chopsticks.economy import DEFAULT_SETTINGS, run_economy
from pytest_chopsticks.implementations import Outcome, Target, load_implementation
from pytest_chopsticks.servers import ServerRequest, start_server

_COMMAND = f"PYTHONPATH={ROOT} {sys.executable} -m reference_impl"
_PYTHON = "pytest_chopsticks.bundled.reference_impl:Implementation"
_SETTINGS = hypothesis.settings(DEFAULT_SETTINGS, max_examples=60)


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

            started = time.perf_counter()
            run_economy(call, connection, settings=_SETTINGS)
            took = time.perf_counter() - started
    print(f"{how}: {operations} operations in {took:.1f} s, {operations / took:.0f} a second")


if __name__ == "__main__":
    main()
