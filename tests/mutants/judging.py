"""Judges one implementation, broken or correct, with the real suite, in this process."""

from __future__ import annotations

import io
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pytest_chopsticks.bundled import ROOT

#: Everything that looks at a migrated schema, and nothing that needs more than `migrate`.
SCHEMA = ("schema", "migrations::test_from_empty")

#: As little of pytest as will do: other plugins and its own checks at exit take half the time.
_OPTIONS = (
    "--capture=no",
    "-qq",
    "--tb=native",
    "--config-file=/dev/null",
    "--disable-plugin-autoload",
    "-ppytest_chopsticks.plugin",
    "-pno:cacheprovider",
    "-pno:unraisableexception",
    "-pno:threadexception",
)
_IMPLEMENTATION = """\
from tests.mutants.implementations import RunsStatements


class Implementation(RunsStatements):
    search_path = {search_path!r}
    statements = {statements!r}
"""
_IN_A_SHELL = {
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "PYTHONPATH": str(ROOT),
    "PYTEST_ADDOPTS": "-p no:cacheprovider",
}
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Findings:
    """What became of the requirements: of those that failed or erred their messages, by id.

    `reproductions` are the lines that run those again which failed.
    """

    passed: frozenset[str]
    failed: Mapping[str, str]
    errors: Mapping[str, str]
    reproductions: Mapping[str, str]
    not_claimed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judge:
    """Runs the suite on the server of `dsn`, a superuser's, from a scratch directory.

    With an empty `dsn` it starts a server of its own, whose files it can then read: that of a
    wheel, or with the programs in `pg_bin`. `plugins` are further ones of pytest.
    """

    dsn: str = field(repr=False)
    directory: Path
    plugins: tuple[object, ...] = ()
    pg_bin: Path | None = None

    def schema(
        self,
        statements: Iterable[str],
        *,
        areas: Iterable[str] = SCHEMA,
        about: str = "",
        search_path: str = "",
    ) -> Findings:
        """Judge the schema that the statements make, in the first schema of `search_path`."""
        module = f"judged_schema_{next(_numbers)}"
        source = _IMPLEMENTATION.format(search_path=search_path, statements=tuple(statements))
        (self.directory / f"{module}.py").write_text(source, "utf-8")
        return self.target(areas=areas, about=about, python=f"{module}:Implementation")

    def target(
        self,
        *,
        areas: Iterable[str] = SCHEMA,
        about: str = "",
        options: Iterable[str] = (),
        **settings: str,
    ) -> Findings:
        """Judge the implementation that these settings of chopsticks.toml describe.

        `areas` are areas or single tests of the suite; `about` is an expression as pytest's `-k`,
        `options` are further ones of pytest.
        """
        lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
        target = self.directory / "chopsticks.toml"
        target.write_text("\n".join(['[implementation]\nname = "judged"', *lines]), "utf-8")
        self._run(
            *(f"{target}::{area}" for area in areas),
            f"--chopsticks-report=json:{self._report}",
            *(["-k", about] if about else []),
            *options,
        )
        return _findings(self._report)

    def again(self, line: str) -> Findings:
        """Run a line that a report gave, as its reader would in a shell."""
        self._report.unlink()
        ran = subprocess.run(
            f"{line} --chopsticks-report=json:{self._report}",
            shell=True,
            cwd=self.directory,
            env={**os.environ, **_IN_A_SHELL},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert self._report.exists(), ran.stdout + ran.stderr
        return _findings(self._report)

    @property
    def _report(self) -> Path:
        return self.directory / "report.json"

    @property
    def _server(self) -> tuple[str, ...]:
        if self.dsn:
            return ("--chopsticks-server=external", f"--chopsticks-dsn={self.dsn}")
        if self.pg_bin:
            return ("--chopsticks-server=local", f"--chopsticks-pg-bin={self.pg_bin}")
        return ("--chopsticks-server=embedded",)

    def _run(self, *arguments: str) -> None:
        with (
            chdir(self.directory),
            _imports_undone(),
            redirect_stdout(io.StringIO()) as output,
            redirect_stderr(output),
        ):
            status = pytest.main(
                [
                    *arguments,
                    *self._server,
                    *_OPTIONS,
                    "--chopsticks-db",
                    f"--rootdir={self.directory}",
                ],
                plugins=self.plugins,
            )
        assert status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED), output.getvalue()


@contextmanager
def _imports_undone() -> Iterator[None]:
    """Forget the judged modules and the place they came from."""
    path, modules = list(sys.path), set(sys.modules)
    try:
        yield
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if name.startswith("judged_"):
                del sys.modules[name]


def _findings(report: Path) -> Findings:
    requirements = json.loads(report.read_text("utf-8"))["requirements"]

    def having(status: str, fact: str = "message") -> dict[str, str]:
        return {one["id"]: one[fact] or "" for one in requirements if one["status"] == status}

    return Findings(
        frozenset(having("passed")),
        having("failed"),
        having("error"),
        having("failed", "reproduce"),
        frozenset(having("not-claimed")),
    )
