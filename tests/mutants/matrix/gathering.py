"""Gathers the kill matrix of a run, from this process or from workers, and fails a run with gaps.

A test enters what failed on its mutant; that travels with the test's report, so that the process
which talks to the user knows the whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from .matrix import Matrix
from .report import totals, write_report
from .requirement_ids import requirement_ids
from .row import Row
from .rows import all_rows

Enter = Callable[[Row, Mapping[str, str]], None]

MUTANTS = Path(__file__).parents[1]

_FACT = "kill-matrix"
#: Options that leave tests out.
_SELECTING = ("keyword", "markexpr", "deselect", "lf", "stepwise", "collectonly")


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("mutants", "broken variants that the suite has to catch")
    group.addoption(
        "--kill-matrix",
        type=Path,
        metavar="PATH",
        help="write what caught which mutant, as JSON or, to a file named .md, as Markdown",
    )


def enter_for(item: pytest.Item) -> Enter:
    """How the test of one mutant says what failed; it fails where nothing meant for it did."""

    def enter(row: Row, failed: Mapping[str, str]) -> None:
        fact = json.dumps([row.name, dict(failed)])
        item.user_properties.append((_FACT, fact))
        if complaint := row.complaint(failed):
            pytest.fail(complaint, pytrace=False)

    return enter


class Gathering:
    """A plugin of every process; the one that hears all reports has the table at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._failed: dict[str, dict[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name == _FACT:
                mutant, failed = json.loads(str(value))
                self._failed.setdefault(mutant, {}).update(failed)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self._config, "workerinput") or not self._wanted:
            return
        if path := self._config.getoption("--kill-matrix"):
            write_report(self._matrix, self._config.invocation_params.dir / path)
        if self._flaws and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._wanted:
            terminalreporter.section("Kill matrix")
            for flaw in self._flaws:
                terminalreporter.write_line(f"× {flaw}", red=True)
            terminalreporter.write_line(totals(self._matrix))

    @property
    def _wanted(self) -> bool:
        return bool(self._failed) or self._is_of_everything

    @property
    def _matrix(self) -> Matrix:
        return Matrix(all_rows(), requirement_ids(), self._failed)

    @property
    def _flaws(self) -> list[str]:
        matrix = self._matrix
        flaws = list(matrix.flaws_of_what_ran())
        if self._is_of_everything:
            flaws += [*matrix.flaws_of_the_data(), *matrix.gaps()]
        return flaws

    @property
    def _is_of_everything(self) -> bool:
        """Whether no mutant was left out on purpose, by a path or by an option."""
        named = _named(self._config)
        return any(MUTANTS.is_relative_to(path) for path in named) and not any(
            self._config.getoption(option, None) for option in _SELECTING
        )


def _named(config: pytest.Config) -> list[Path]:
    directory = config.invocation_params.dir
    return [(directory / arg.partition("::")[0]).resolve() for arg in config.args]
