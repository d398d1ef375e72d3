"""Turns what happened to an item of the suite into the status of its requirement."""

from __future__ import annotations

import re

import pytest

from pytest_chopsticks.collection import REQUIREMENT, RUN, attach_requirement
from pytest_chopsticks.errors import ChopsticksError, ConfigurationError
from pytest_chopsticks.known_failures import stale_message
from pytest_chopsticks.migrations.files import list_migrations
from pytest_chopsticks.report.results import Status, write_fact
from pytest_chopsticks.requirements import (
    CAPABILITIES,
    NOT_CLAIMED,
    Requirement,
    not_claimed,
)
from pytest_chopsticks.run import Run
from pytest_chopsticks.violation import Violation

_TOLD: pytest.StashKey[set[str]] = pytest.StashKey()

_COLOUR = re.compile(r"\x1b\[[0-9;]*m|\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_OF_FILES = frozenset({"migration files", "edited migrations"})


def before_test(item: pytest.Item) -> None:
    """Attach the requirement's facts; skip the item when the implementation does not claim it."""
    attach_requirement(item)
    requirement = item.stash.get(REQUIREMENT, None)
    if requirement is None:
        return
    for name in ("id", "level", "section"):
        write_fact(item, name, getattr(requirement, name))
    run = item.config.stash[RUN]
    if unmet := run.unmet_needs(requirement):
        not_claimed("; ".join(map(_unmet, unmet)))
    if _OF_FILES.intersection(requirement.needs):
        _expect_files(run)


def judge(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Write the status into the report, and make the report's text short."""
    requirement = item.stash.get(REQUIREMENT, None)
    if requirement is None:
        _shorten_setup_error(call, report)
        return
    if call.excinfo is None:
        if call.when == "call":
            _passed(item, requirement, report)
    elif other := _violated_elsewhere(call.excinfo.value, requirement):
        _other_violated(item, other, report, str(call.excinfo.value))
    else:
        status, message = _status(call.excinfo)
        _not_passed(item, requirement, report, status, message)
    report.user_properties = list(item.user_properties)


def _shorten_setup_error(call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """The message says it all; how our fixtures came to raise it helps no host."""
    if call.when == "setup" and call.excinfo and isinstance(call.excinfo.value, ChopsticksError):
        report.longrepr = _printable(str(call.excinfo.value))


def _passed(item: pytest.Item, requirement: Requirement, report: pytest.TestReport) -> None:
    if requirement.id not in _known_failures(item):
        write_fact(item, "status", "passed")
        return
    message = stale_message(requirement.id)
    write_fact(item, "status", "failed")
    write_fact(item, "message", message)
    report.outcome, report.longrepr = "failed", message


def _not_passed(
    item: pytest.Item,
    requirement: Requirement,
    report: pytest.TestReport,
    status: Status,
    message: str,
) -> None:
    reason = _known_failures(item).get(requirement.id)
    if status == "failed" and reason is not None:
        status, report.outcome = "known-failure", "skipped"
        report.wasxfail = reason
    elif status in ("failed", "error"):
        report.longrepr = message
    if status == "error":
        _tell_once(item, message)
    write_fact(item, "status", status)
    write_fact(item, "message", message)


def _violated_elsewhere(error: BaseException, requirement: Requirement) -> str | None:
    """The id of another requirement than the item's, of which the item saw a violation."""
    found = error.requirement if isinstance(error, Violation) else None
    return found if found != requirement.id else None


def _other_violated(item: pytest.Item, id_: str, report: pytest.TestReport, message: str) -> None:
    """The item's own requirement keeps its status: what it looked at may well be in order."""
    reason = _known_failures(item).get(id_)
    report.longrepr = message
    if reason is not None:
        report.outcome, report.wasxfail = "skipped", reason
    write_fact(item, "other-id", id_)
    write_fact(item, "other-status", "failed" if reason is None else "known-failure")
    write_fact(item, "other-message", message)


def _status(excinfo: pytest.ExceptionInfo[BaseException]) -> tuple[Status, str]:
    error = excinfo.value
    if isinstance(error, pytest.skip.Exception):
        reason = str(error)
        return "not-claimed" if reason.startswith(NOT_CLAIMED) else "not-run", reason
    if isinstance(error, AssertionError):
        return "failed", _printable(str(error))
    if isinstance(error, ChopsticksError):
        return "error", _printable(str(error))
    return "error", str(excinfo.getrepr(style="short"))


def _expect_files(run: Run) -> None:
    """Without files the tests about them would pass without having looked at anything."""
    directory = run.target.migrations if run.target else None
    if directory is not None and not list_migrations(directory):
        raise ConfigurationError(
            f"{directory} has no migration files",
            hint="`migrations` in chopsticks.toml names the directory that holds them",
        )


def _printable(text: str) -> str:
    """What programs have written may hold colours, and bytes that a terminal acts on."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _COLOUR.sub("", text))


def _tell_once(item: pytest.Item, message: str) -> None:
    told = item.config.stash.setdefault(_TOLD, set())
    if message in told:
        write_fact(item, "repeated", "yes")
    told.add(message)


def _known_failures(item: pytest.Item) -> dict[str, str]:
    target = item.config.stash[RUN].target
    return dict(target.known_failures) if target else {}


def _unmet(need: str) -> str:
    if need in CAPABILITIES:
        return CAPABILITIES[need]
    return f"the operation {need}"
