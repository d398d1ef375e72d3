"""Gathers the results of a run and publishes them: in the terminal, in files, as exit status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import pytest

from pytest_chopsticks import __version__
from pytest_chopsticks.collection import catalogue
from pytest_chopsticks.errors import ChopsticksError, ConfigurationError
from pytest_chopsticks.report.html_report import render_html
from pytest_chopsticks.report.json_report import render_json
from pytest_chopsticks.report.junit_report import render_junit
from pytest_chopsticks.report.last_run import keep_report
from pytest_chopsticks.report.report import ImplementationFacts, Report, ServerFacts
from pytest_chopsticks.report.reproduction import reproduction, spelled_where_called
from pytest_chopsticks.report.results import Result, Results
from pytest_chopsticks.report.terminal import print_report
from pytest_chopsticks.run import Run

_RENDER: Mapping[str, Callable[[Report], str]] = {
    "json": render_json,
    "html": render_html,
    "junit": render_junit,
}


class Publisher:
    """A plugin of the process that talks to the user: the only one, or the xdist controller."""

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self._config = config
        self._run = run
        self._results = Results()
        self._told: list[str] = []
        if run.options.reports and run.target_path is None:
            raise ConfigurationError(
                f"--chopsticks-report: no chopsticks.toml in {config.invocation_params.dir}"
                " or above it",
                hint="the report is about the implementation that it describes",
            )
        for destination in run.options.reports:
            _prepare(config.invocation_params.dir / destination.path)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._told.append(str(report.longrepr))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._results.add(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._wanted or self._run.target_path is None:
            return
        for destination in self._run.options.reports:
            text = _RENDER[destination.kind](self._report)
            (self._config.invocation_params.dir / destination.path).write_text(text, "utf-8")
        # Who wants pytest to remember nothing does not want us to either.
        if self._config.pluginmanager.hasplugin("cacheprovider"):
            keep_report(render_json(self._report), self._run.target_path)
        in_trouble = self._report.errors or self._report.verdict == "error"
        well = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if in_trouble and session.exitstatus in well:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._wanted:
            print_report(terminalreporter, self._report, told="\n".join(self._told))

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
        errors: list[str] = []
        try:
            results = self._results.of(catalogue(self._run), self._reproduction)
            implementation = self._implementation()
            errors += self._unknown_known_failures(results)
        except ChopsticksError as error:
            results, errors = (), [str(error)]
            implementation = ImplementationFacts("unknown", None, None, ())
        if not errors and not any(
            result.status in ("passed", "failed", "known-failure", "error") for result in results
        ):
            errors.append("no requirement ran")
        return Report(
            suite_version=__version__,
            implementation=implementation,
            server=self._server(),
            results=results,
            errors=tuple(errors),
            known_failures=self._known_failures(),
            written=datetime.now(UTC),
        )

    def _reproduction(self, node_id: str) -> str:
        return reproduction(self._run.options, spelled_where_called(self._config, node_id))

    def _known_failures(self) -> Mapping[str, str]:
        try:
            target = self._run.target
        except ChopsticksError:
            return {}
        return target.known_failures if target else {}

    def _unknown_known_failures(self, results: Iterable[Result]) -> Iterator[str]:
        ids = [result.requirement.id for result in results]
        for id_ in self._known_failures().keys() - set(ids):
            nearest = get_close_matches(id_, ids, n=1)
            hint = f"did you mean {nearest[0]}?" if nearest else "remove it"
            message = f'{self._run.target_path}: [known-failures] "{id_}" is no requirement'
            yield str(ConfigurationError(message, hint=hint))

    def _implementation(self) -> ImplementationFacts:
        target = self._run.target
        assert target is not None
        try:
            implementation = self._run.implementation
            operations = tuple(sorted(implementation.claims))
        except ChopsticksError:
            return ImplementationFacts(target.name, target.version, None, ())
        return ImplementationFacts(
            implementation.name, implementation.version, implementation.language, operations
        )

    def _server(self) -> ServerFacts | None:
        try:
            server = self._run.shared.server
        except ChopsticksError:
            return None
        return ServerFacts(server.origin, server.version)


def _prepare(path: Path) -> None:
    """Make sure, before anything runs, that the report can be written at its end."""
    try:
        with suppress(FileExistsError):
            path.parent.mkdir(parents=True)
        existed = path.exists()
        path.open("ab").close()
        if not existed:
            path.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"--chopsticks-report: cannot write {path}: {error.strerror}",
            hint="name a file in a directory that can be written to, or made",
        ) from None
