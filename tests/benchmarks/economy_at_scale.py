"""How long a whole economy takes to be judged: a million wallets, ten million rows of the log.

`python -m tests.benchmarks.economy_at_scale [WALLETS]`, ten rows of the log for each wallet. Both
tables are written by the server itself, from formulas that agree; then one wallet is made wrong.
"""

from __future__ import annotations

import secrets
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import psycopg
from pytest_chopsticks.bundled.conformance.fixtures import create_canonical

from pytest_chopsticks.databases import DatabaseProvider, Role
from pytest_chopsticks.economy import broken_invariants
from pytest_chopsticks.servers import ServerRequest, start_server

ROUNDS = 9

#: In round r everyone gives r to somebody r further on: sums are known without adding anything up.
LOG = """
INSERT INTO transaction_log (from_user, to_user, amount, reason, timestamp)
SELECT NULL, 'user' || n, 1000, 'daily', 0 FROM generate_series(1, %(wallets)s) n
UNION ALL
SELECT 'user' || n, 'user' || ((n + r - 1) %% %(wallets)s + 1), r, 'gift', r
FROM generate_series(1, %(rounds)s) r, generate_series(1, %(wallets)s) n
"""
WALLETS = """
INSERT INTO user_wallets
  (user_id, balance, bank, bank_capacity, total_earned, total_spent, created_at, updated_at)
SELECT 'user' || n, 1000 - n %% 1000, n %% 1000, 10000, 1000 + %(given)s, %(given)s, 0, 0
FROM generate_series(1, %(wallets)s) n
"""
WRONG = "UPDATE user_wallets SET balance = balance + 1 WHERE user_id = 'user7'"


def main(wallets: int) -> None:
    role = Role("owner", secrets.token_urlsafe(8))
    with (
        start_server(ServerRequest()) as server,
        DatabaseProvider(server, role, run="scale") as provider,
        provider.empty() as database,
    ):
        create_canonical(database)
        print(server)
        with database.connect(autocommit=True) as connection:
            generate(connection, wallets)
            print(f"sound: {judged(connection)}")
            connection.execute(WRONG.encode())
            print(f"one wallet of {wallets:,} is wrong: {judged(connection)}")


def generate(connection: psycopg.Connection[Any], wallets: int) -> None:
    scope = {"wallets": wallets, "rounds": ROUNDS, "given": ROUNDS * (ROUNDS + 1) // 2}
    with timed(f"{wallets * (ROUNDS + 1):,} rows of the log"):
        connection.execute(LOG.encode(), scope)
    with timed(f"{wallets:,} wallets"):
        connection.execute(WALLETS.encode(), scope)


def judged(connection: psycopg.Connection[Any]) -> str:
    with timed("judging"), peak_memory(connection.info.backend_pid):
        found = broken_invariants(connection)
    return "; ".join(map(str, found)) or "nothing is broken"


@contextmanager
def timed(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - started:.1f} s")


@contextmanager
def peak_memory(backend: int) -> Iterator[None]:
    """Print the most memory that this process, and the server's process for it, had meanwhile."""
    watched = {"this process": psutil.Process(), "the server's": psutil.Process(backend)}
    most = dict.fromkeys(watched, 0)
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            for name, process in watched.items():
                most[name] = max(most[name], process.memory_full_info().uss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield
    ended.set()
    watcher.join()
    print(", ".join(f"{name} had {size / 2**20:.0f} MiB" for name, size in most.items()))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
