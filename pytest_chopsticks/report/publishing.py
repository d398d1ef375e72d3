"""Gathers the results of a run and publishes them: in the terminal, in files, as exit status."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from functools import cached_property

import pytest

from pytest_chopsticks import __version__
from pytest_chopsticks.collection import catalogue
from pytest_chopsticks.errors import ChopsticksError, ConfigurationError
from pytest_chopsticks.report.json_report import render_json
from pytest_chopsticks.report.junit_report import render_junit
from pytest_chopsticks.report.report import ImplementationFacts, Report, ServerFacts
from pytest_chopsticks.report.results import Results
from pytest_chopsticks.report.terminal import print_report
from pytest_chopsticks.run import Run

_RENDER: Mapping[str, Callable[[Report], str]] = {"json": render_json, "junit": render_junit}


class Publisher:
    """A plugin of the process that talks to the user: the only one, or the xdist controller."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self._config = config
        self._run = run
        self._results = Results()
        if run.options.reports and run.target_path is None:
            raise ConfigurationError(
                f"--chopsticks-report: no chopsticks.toml in {config.invocation_params.dir}"
                " or above it",
                hint="the report is about the implementation that it describes",
            )
        for destination in run.options.reports:
            _prepare(destination.path.parent)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._results.add(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._wanted:
            return
        for destination in self._run.options.reports:
            text = _RENDER[destination.kind](self._report)
            (self._config.invocation_params.dir / destination.path).write_text(text, "utf-8")
        if self._report.verdict == "error" and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._wanted:
            print_report(terminalreporter, self._report)

    @property
    def _wanted(self) -> bool:
        """Whether the suite was to run; not when other tests alone were asked for."""
        if self._run.target_path is None or self._config.option.collectonly:
            return False
        asked_for = any(
            arg.partition("::")[0].endswith("chopsticks.toml") for arg in self._config.args
        )
        return bool(asked_for or self._run.options.reports or self._results.seen)

    @cached_property
    def _report(self) -> Report:
        errors: tuple[str, ...] = ()
        try:
            results = self._results.of(catalogue(self._run))
            implementation = self._implementation()
        except ChopsticksError as error:
            results, errors = (), (str(error),)
            implementation = ImplementationFacts("unknown", None, None, ())
        if not errors and not any(
            r.status in ("passed", "failed", "known-failure") for r in results
        ):
            errors = ("no requirement ran",)
        return Report(__version__, implementation, self._server(), results, errors, self._command())

    def _implementation(self) -> ImplementationFacts:
        target = self._run.target
        assert target is not None
        try:
            implementation = self._run.implementation
        except ChopsticksError:
            return ImplementationFacts(target.name, target.version, None, ())
        operations = tuple(sorted(implementation.claims))
        return ImplementationFacts(
            implementation.name, implementation.version, implementation.language, operations
        )

    def _server(self) -> ServerFacts | None:
        try:
            server = self._run.shared.server
        except ChopsticksError:
            return None
        return ServerFacts(server.origin, server.version)

    def _command(self) -> str:
        """The call that reproduces, up to the id of the item."""
        command = "pytest --chopsticks-db"
        options = self._run.options
        if options.server != "auto":
            command += f" --chopsticks-server={options.server}"
        if options.pg_bin is not None:
            command += f" --chopsticks-pg-bin={shlex.quote(str(options.pg_bin))}"
        return command


def _prepare(directory: os.PathLike[str]) -> None:
    try:
        os.makedirs(directory, exist_ok=True)  # noqa: PTH103
    except OSError as error:
        raise ConfigurationError(
            f"--chopsticks-report: cannot write to {directory}: {error}"
        ) from None
