"""The pytest hooks; what they do is in the modules they call."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pytest_chopsticks.collection import RUN, SuiteFile, parametrize
from pytest_chopsticks.errors import ConfigurationError, ServerUnavailable
from pytest_chopsticks.failure_evidence import tell_failure, tell_kept
from pytest_chopsticks.fixtures import (
    _chopsticks_lease,
    _chopsticks_pool,
    chopsticks_conn,
    chopsticks_db,
    chopsticks_empty_db,
    chopsticks_server,
    chopsticks_template,
)
from pytest_chopsticks.judging import before_test, judge
from pytest_chopsticks.options import add_options, read_options
from pytest_chopsticks.report.publishing import Publisher
from pytest_chopsticks.report.results import read_facts
from pytest_chopsticks.starting import (
    begin_run,
    describe,
    end_run,
    expect_not_asked_for,
    is_worker,
    share_with,
)

__all__ = [
    "_chopsticks_lease",
    "_chopsticks_pool",
    "chopsticks_conn",
    "chopsticks_db",
    "chopsticks_empty_db",
    "chopsticks_server",
    "chopsticks_template",
]

_PUBLISHER = "chopsticks-publisher"

_MARKERS = (
    "chopsticks(isolation): how the test's database is made pristine: recycle, clone or rollback",
    "chopsticks_requirement(id): the requirement that a test of the conformance suite checks",
    "chopsticks_subject(requirement): the one requirement of its family that a case checks",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    try:
        options = read_options(config)
        if not options.enabled:
            expect_not_asked_for(config, options)
        else:
            run = begin_run(config, options)
            if not is_worker(config):
                config.pluginmanager.register(Publisher(config, run), _PUBLISHER)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    config = session.config
    if RUN not in config.stash or is_worker(config) or config.option.collectonly:
        return
    # A failure is told in the header, and raised again by whatever needs the server.
    with suppress(ServerUnavailable):
        _ = config.stash[RUN].shared


def pytest_report_header(config: pytest.Config) -> list[str]:
    return describe(config.stash[RUN], config) if RUN in config.stash else []


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    if RUN in node.config.stash:
        share_with(node.workerinput, node.config.stash[RUN])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    run = parent.config.stash.get(RUN, None)
    if run is None or run.target_path is None or file_path != run.target_path:
        return None
    # pytest itself would leave the name out of ids where the file is above the root directory.
    node_id = Path(os.path.relpath(file_path, parent.config.rootpath)).as_posix()
    return SuiteFile.from_parent(parent, path=file_path, nodeid=node_id)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    parametrize(metafunc)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    before_test(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    judge(item, call, report)
    tell_failure(item, report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport,
) -> tuple[str, str, str] | None:
    if isinstance(report, pytest.TestReport) and report.failed and "repeated" in read_facts(report):
        return "same error", "E", "ERROR"
    return None


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if RUN in config.stash:
        tell_kept(terminalreporter, config.stash[RUN])


def pytest_unconfigure(config: pytest.Config) -> None:
    if RUN in config.stash:
        end_run(config)
