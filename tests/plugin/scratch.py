"""A scratch repository, and runs of pytest in it as its owner would start them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS

MEMORY = Path("/dev/shm")
#: What pytest writes less, more or in colours for.
OUTPUT = ("CI", "BUILD_NUMBER", "NO_COLOR", "FORCE_COLOR", "PY_COLORS")
REFERENCE = "pytest_chopsticks.bundled.reference_impl:Implementation"

#: The reference implementation, with something done to what it has migrated.
DRIVER = """
import psycopg
from pytest_chopsticks.bundled.reference_impl import Implementation as Reference

class Implementation(Reference):
    name = "acme-bot"
    version = "2.1.0"

    def __init__(self, database, token_keys=()):
        super().__init__(database, token_keys)
        self.dsn = database.dsn

    def migrate(self, migrations=None):
        done = super().migrate(migrations)
        with psycopg.connect(self.dsn) as connection:
            connection.execute({afterwards!r})
        return done
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended; `output` is what it wrote to both streams."""

    exit_status: int
    output: str
    written: str | None

    @property
    def report(self) -> Any:
        assert self.written is not None, self.output
        return json.loads(self.written)

    @property
    def statuses(self) -> dict[str, str]:
        """The status of every requirement, by id."""
        return {one["id"]: one["status"] for one in self.report["requirements"]}

    @property
    def ran(self) -> dict[str, str]:
        """The statuses of those requirements that became tests."""
        return {id_: status for id_, status in self.statuses.items() if status != "not-run"}


class Scratch:
    """A directory with files of the test's choice; servers started in it live in `run_root`."""

    def __init__(
        self, root: Path, run_root: Path, clusters: Path, python: str = sys.executable
    ) -> None:
        self.root = root
        self.python = python
        self.run_root = run_root
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST", "CHOPSTICKS", "PG", "COV_CORE"))
            and name not in OUTPUT
        }
        self.environment = {
            **kept,
            "CHOPSTICKS_RUN_DIR": str(run_root),
            "CHOPSTICKS_CACHE_DIR": str(clusters),
            "COLUMNS": "200",
            # Others in the same environment cost a run half its time.
            "PYTEST_ADDOPTS": "-p no:hypothesispytest -p no:postgresql -p no:asyncio -p no:anyio",
            "PATH": f"{Path(python).parent}:{os.environ['PATH']}",
        }

    def write(self, name: str, text: str) -> Path:
        """Write a file; the text may be indented as the test is."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), "utf-8")
        # Bytecode knows its source by its size and second only.
        shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)
        return path

    def describe(
        self, *, known_failures: Mapping[str, str] | None = None, **implementation: str
    ) -> None:
        """Write chopsticks.toml; JSON's strings are TOML's."""
        facts = {"name": "acme-bot", **implementation}
        lines = ["[implementation]", *(f"{k} = {json.dumps(v)}" for k, v in facts.items())]
        if known_failures:
            lines += ["[known-failures]"]
            lines += [f"{json.dumps(k)} = {json.dumps(v)}" for k, v in known_failures.items()]
        self.write("chopsticks.toml", "\n".join(lines))

    def describe_reference(self) -> None:
        """Have the reference implementation judged."""
        self.describe(python=REFERENCE, migrations=str(CANONICAL_MIGRATIONS))

    def describe_altered(
        self, afterwards: str, known_failures: Mapping[str, str] | None = None
    ) -> None:
        """Have the reference implementation judged, with SQL run after each migration."""
        self.write("acme_driver.py", DRIVER.format(afterwards=afterwards))
        self.describe(
            python="acme_driver:Implementation",
            migrations=str(CANONICAL_MIGRATIONS),
            known_failures=known_failures,
        )

    def pytest(self, *arguments: str, cwd: Path | None = None, **environment: str) -> Outcome:
        """Run pytest to its end."""
        return self.run([self.python, "-m", "pytest", *arguments], cwd=cwd, **environment)

    def judge(self, *arguments: str, cwd: Path | None = None, **environment: str) -> Outcome:
        """Run `pytest --chopsticks-db`, with a report that the outcome shows."""
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "report.json"
            options = ("--chopsticks-db", f"--chopsticks-report=json:{path}")
            outcome = self.pytest(*options, *arguments, cwd=cwd, **environment)
            written = path.read_text("utf-8") if path.exists() else None
        return Outcome(outcome.exit_status, outcome.output, written)

    def run(
        self, command: list[str] | str, *, cwd: Path | None = None, **environment: str
    ) -> Outcome:
        """Run any program, a text as a line of shell, as `pytest` and `judge` do."""
        done = subprocess.run(
            command,
            shell=isinstance(command, str),
            cwd=cwd or self.root,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
        return Outcome(done.returncode, done.stdout.decode("utf-8", "replace"), None)

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start pytest and go on; what it writes goes to the file `output`."""
        with (
            (self.root / "output").open("wb") as output,
            subprocess.Popen(
                [self.python, "-m", "pytest", *arguments],
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as process,
        ):
            try:
                yield process
            finally:
                process.kill()

    def wait_until_nothing_is_left(self) -> None:
        """Fails if a directory or a process of a server stays for 20 s."""
        deadline = time.monotonic() + 20
        while left := self.left_behind():
            assert time.monotonic() < deadline, left
            time.sleep(0.02)

    def left_behind(self) -> list[object]:
        """Directories of servers, and processes that work in them."""
        return [*self.run_root.iterdir(), *_processes_below(self.run_root)]


@contextmanager
def cluster_cache() -> Iterator[Path]:
    """A cache of initialised clusters, where every user can reach it, unlike `tmp_path`."""
    root = Path(tempfile.mkdtemp(prefix="clusters-")).resolve()
    root.chmod(0o755)
    try:
        yield root
    finally:
        shutil.rmtree(root)


@contextmanager
def scratch_in(root: Path, clusters: Path, python: str = sys.executable) -> Iterator[Scratch]:
    """A scratch repository in `root`; fails at the end if a run has left anything behind."""
    run_root = Path(tempfile.mkdtemp(prefix="plugin-", dir=MEMORY if MEMORY.is_dir() else None))
    run_root.chmod(0o1777)
    try:
        scratch = Scratch(root, run_root, clusters, python)
        yield scratch
        assert scratch.left_behind() == []
    finally:
        for process in _processes_below(run_root):
            process.kill()
        shutil.rmtree(run_root)


def _processes_below(root: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cwd"])
        if Path(process.info["cwd"] or "/").is_relative_to(root)
    ]
