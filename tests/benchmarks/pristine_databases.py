"""What a pristine database costs a test, against the peers, on the same server programs and disk.

Prints a table for the README. Run: python tests/benchmarks/pristine_databases.py [MEASURE ...]
As root, everything is run as `nobody`, with a Python that it can use.
"""

from __future__ import annotations

import argparse
import json
import os
import pwd
import shutil
import signal
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY))

from pytest_chopsticks.bundled import ROOT  # noqa: E402
from pytest_chopsticks.servers.account import Account  # noqa: E402
from pytest_chopsticks.servers.embedded import Embedded  # noqa: E402
from pytest_chopsticks.servers.installation import Installation  # noqa: E402
from pytest_chopsticks.servers.run_directory import run_roots  # noqa: E402
from pytest_chopsticks.servers.server import DEFAULT_IMAGE, ServerRequest  # noqa: E402

QUICK, SLOW, MANY, TURNS, PAIRS = 1_000, 40, 10_000, 9, 5

Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of pytest told: seconds, bytes.

    `first` is from its reading of the suite's conftest.py to the start of the first test.
    """

    wall: float
    first: float
    spent: list[float]
    disk: list[int]
    memory: Mapping[str, int]

    @property
    def median(self) -> float:
        return statistics.median(self.spent[1:])


class Bench:
    """Runs the suite of peers as a user that PostgreSQL accepts, all files on one disk."""

    def __init__(self, root: Path, programs: Path) -> None:
        self.root = root
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._programs = programs
        self._python = self._usable_python()
        shutil.copytree(Path(__file__).with_name("peers"), root / "suite")
        (root / "suite" / "schema.sql").write_text(schema())
        for directory in ("cache", "run", "base", "pycache"):
            (root / directory).mkdir()
        if self._account:
            for path in (root, *root.rglob("*")):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def run(
        self, kind: str, tests: int, *options: str, as_root: bool = False, **more: str
    ) -> Outcome:
        """Run so many tests with one kind of `connection`."""
        plugins = ["-p", "no:hypothesispytest", "-p", "no:asyncio", "-p", "no:anyio"]
        if kind == "nothing":
            plugins += ["-p", "no:chopsticks"]
        if kind != "pytest-postgresql":
            plugins += ["-p", "no:postgresql"]
        if kind in ("recycle", "clone", "rollback", "created", "transaction"):
            plugins += ["--chopsticks-db", "--chopsticks-server=embedded"]
            plugins += [f"--chopsticks-isolation={kind}"] if kind in ("clone", "rollback") else []
        base = f"--basetemp={self.root / 'base' / 'pytest'}"
        command = [*self._python, "-m", "pytest", "-q", base, *plugins, *options]
        began = time.perf_counter()
        with subprocess.Popen(
            command,
            cwd=self.root / "suite",
            env=self._environment(kind, tests, more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **({} if as_root or not self._account else self._user()),
        ) as suite:
            try:
                output, _ = suite.communicate()
            except BaseException:
                suite.terminate()
                raise
        wall = time.perf_counter() - began
        if suite.returncode:
            raise SystemExit(f"{kind} failed:\n{output[-3000:]}")
        told = json.loads((self.root / "suite" / "told.json").read_text())
        (self.root / "suite" / "told.json").unlink()
        return Outcome(wall, told["first"], told["spent"], told["disk"], told["memory"])

    def _environment(self, kind: str, tests: int, more: Mapping[str, str]) -> dict[str, str]:
        site = sysconfig.get_path("purelib")
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "PYTHONPATH": os.pathsep.join([site, str(REPOSITORY)]),
            # Everyone's modules are compiled once, whether pip has done so or not.
            "PYTHONPYCACHEPREFIX": str(self.root / "pycache"),
            "LC_ALL": "C.UTF-8",
            "CHOPSTICKS_RUN_DIR": str(self.root / "run"),
            "CHOPSTICKS_CACHE_DIR": str(self.root / "cache"),
            "BENCHMARK_KIND": kind,
            "BENCHMARK_TESTS": str(tests),
            "BENCHMARK_BIN": str(self._programs),
            **more,
        }

    def _user(self) -> dict[str, Any]:
        assert self._account
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _usable_python(self) -> list[str]:
        """This one, or one of the same version that the other user can reach."""
        if self._account is None:
            return [sys.executable]
        account = Account(self._account.pw_uid, self._account.pw_gid)
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        candidates = [sys.executable, f"/usr/bin/{name}", f"/usr/local/bin/{name}"]
        for candidate in candidates:
            path = Path(candidate)
            if path.exists() and account.can_reach(path.resolve()) and account.can_reach(path):
                return [candidate]
        raise SystemExit(f"no {name} that nobody can use; run this as an unprivileged user")


def main() -> None:
    """Measure what is named, or everything, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=", ".join(MEASURES))
    chosen = parser.parse_args().measures or list(MEASURES)
    if unknown := set(chosen) - set(MEASURES):
        parser.error(f"there is no measure {', '.join(unknown)}; choose from {', '.join(MEASURES)}")
    found = Embedded().find(ServerRequest())
    assert isinstance(found, Installation), found
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    root = Path(tempfile.mkdtemp(prefix="benchmark-", dir=run_roots()[0]))
    try:
        root.chmod(0o755)
        bench = Bench(root, found.bin)
        bench.run("recycle", 2)  # fills the cache
        print(f"PostgreSQL {found.version}, files in {root.parent}; load {os.getloadavg()[0]:.1f}")
        print("\n| | ours | peer | |\n|---|---|---|---|")
        for measure in chosen:
            for row in MEASURES[measure](bench):
                print(f"| {' | '.join(row)} |", flush=True)
        print(f"\nload {os.getloadavg()[0]:.1f}")
    finally:
        _wait_for_end_of_servers(root)
        shutil.rmtree(root)


def _wait_for_end_of_servers(root: Path) -> None:
    """A run that was ended leaves it to another process to stop its server and remove the files."""
    for _ in range(100):
        if not any(root.glob("run/*")):
            return
        time.sleep(0.1)


def each_test(bench: Bench) -> Iterator[Row]:
    ours = bench.run("recycle", QUICK)
    idle = bench.run("nothing", QUICK)
    peer = bench.run("pytest-postgresql", SLOW)
    title = "set-up and tear-down of a test that commits two rows"
    yield compared(f"{title}; pytest-postgresql", ours.median, peer.median)
    yield compared(
        f"{title}; create, connect, drop", ours.median, bench.run("created", SLOW).median
    )
    transaction = bench.run("transaction", QUICK)
    yield compared(f"{title}; a rolled-back transaction", ours.median, transaction.median)
    yield compared(f"{title}; a fresh clone", ours.median, bench.run("clone", SLOW).median)
    yield f"{title}; pytest's own share", milliseconds(idle.median), "", ""


def first_database(bench: Bench) -> Iterator[Row]:
    """In turn, so that what else the machine does concerns all of them."""
    ours, peer = [], []
    for _ in range(TURNS):
        ours.append(bench.run("recycle", 1).first)
        peer.append(bench.run("pytest-postgresql", 1).first)
    first = statistics.median(ours)
    yield compared("first database, warm cache; pytest-postgresql", first, statistics.median(peer))
    with engine() as environment:
        if environment is None:
            yield "first database; testcontainers", milliseconds(first), "no engine here", ""
        else:
            run = bench.run("testcontainers", 1, as_root=True, **environment)
            yield compared("first database; testcontainers", first, run.first)


def many_tests(bench: Bench) -> Iterator[Row]:
    many = bench.run("recycle", MANY)
    first, last = statistics.median(many.spent[1:101]), statistics.median(many.spent[-1000:])
    yield (
        f"{MANY:,} tests: the first 100, the last 1,000",
        milliseconds(first),
        milliseconds(last),
        f"{last / first:.2f} ×",
    )
    before, after = many.disk
    growth = f"{after / before:.2f} ×"
    yield f"{MANY:,} tests: disk after 100, after all", megabytes(before), megabytes(after), growth
    plugin = many.memory["plugin"] - bench.run("nothing", MANY).memory["plugin"]
    yield "memory: server, plugin", megabytes(many.memory["server"]), megabytes(plugin), ""


def two_workers(bench: Bench) -> Iterator[Row]:
    """Next to what pytest-xdist makes of the same tests without a database, in turn.

    Tests that only wait would take half the time, but for the start of the workers, and for what
    each report costs in two processes: nearly as much processor time as a pristine database.
    """
    for tests, pause in ((1_000, 0.01), (400, 0.05)):
        walls: dict[str, list[tuple[float, float]]] = {"recycle": [], "nothing": []}
        for kind in PAIRS * list(walls):
            two = bench.run(kind, tests, "-n2", BENCHMARK_PAUSE=str(pause)).wall
            alone = bench.run(kind, tests, BENCHMARK_PAUSE=str(pause)).wall
            walls[kind].append((two, alone))
        title = f"{tests:,} tests of {pause * 1e3:.0f} ms: `-n 2`, `-n 0`"
        yield _halved(title, walls["recycle"])
        yield _halved(f"{title}; without a database", walls["nothing"])


def _halved(title: str, walls: list[tuple[float, float]]) -> Row:
    two, alone = map(statistics.median, zip(*walls, strict=True))
    faster = statistics.median(one / both for both, one in walls)
    return title, f"{two:.1f} s", f"{alone:.1f} s", f"{faster:.2f} ×"


MEASURES: Mapping[str, Callable[[Bench], Iterator[Row]]] = {
    "each": each_test,
    "first": first_database,
    "many": many_tests,
    "workers": two_workers,
}


def compared(title: str, ours: float, peer: float) -> Row:
    return title, milliseconds(ours), milliseconds(peer), f"{peer / ours:.2f} ×"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


def megabytes(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"


@contextmanager
def engine() -> Iterator[dict[str, str] | None]:
    """What leads testcontainers to an engine that has the image, or None where there is none."""
    if host := os.environ.get("DOCKER_HOST"):
        yield {"DOCKER_HOST": host, "BENCHMARK_IMAGE": DEFAULT_IMAGE}
        return
    from tests.containers.engine import EngineMissing, running_engine

    try:
        with running_engine() as own:
            own.make_image(f"docker.io/library/{DEFAULT_IMAGE}")
            more = {"BENCHMARK_IMAGE": DEFAULT_IMAGE, "TESTCONTAINERS_RYUK_DISABLED": "true"}
            yield {**own.environment, **more}
    except EngineMissing:
        yield None


def schema() -> str:
    sys.path.insert(0, str(ROOT))
    from conformance.canonical_ddl import create_statements
    from conformance.canonical_schema import TABLES

    return "".join(f"{statement};\n" for statement in create_statements(TABLES))


if __name__ == "__main__":
    main()
