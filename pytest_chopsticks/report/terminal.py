"""The report at the end of a run in the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

import pytest

from pytest_chopsticks.report.report import SPEC_VERSION, Report
from pytest_chopsticks.report.results import Result, Status, count

_COLOURS = {"conformant": "green", "partial": "yellow", "nonconformant": "red", "error": "red"}
_COLUMNS: tuple[Status, ...] = (
    "passed",
    "failed",
    "error",
    "known-failure",
    "not-claimed",
    "not-run",
)
_ALWAYS = ("passed", "failed", "not-claimed")
_TOLD: tuple[Status, ...] = ("failed", "error", "known-failure")
_MARKS = {"failed": "×", "error": "!", "known-failure": "~"}


def print_report(terminal: pytest.TerminalReporter, report: Report, *, told: str) -> None:
    """Write the section: who and where, counts per area, what failed, the verdict.

    `told` is what pytest has said of its collection; no error in it is told again.
    """
    terminal.section("Chopsticks conformance", sep="=")
    for line in _lines(report, told):
        terminal.write_line(line)
    colour = _COLOURS[report.verdict]
    terminal.write_line(f"Result: {report.verdict}", bold=True, **{colour: True})


def section_name(section: str) -> str:
    """Spell a heading as a reference: `2. agent_bots` becomes `§2 agent_bots`."""
    return re.sub(r"^(\d+)\. ", r"§\1 ", section)


def _lines(report: Report, told: str) -> Iterator[str]:
    yield from _header(report)
    yield ""
    yield from _table(report)
    yield ""
    for error in report.errors:
        text = "the error in collecting, above" if error in told else error
        yield from (f"! {text}".replace("\n", "\n  "), "")
    yield from _accounts(report)


def _header(report: Report) -> Iterator[str]:
    implementation, server = report.implementation, report.server
    language = f"({implementation.language})" if implementation.language else None
    who = filter(None, (implementation.name, implementation.version, language))
    yield f"Implementation  {' '.join(who)}"
    yield f"Server          {server.origin + ' PostgreSQL ' + server.version if server else 'none'}"
    yield f"Suite           pytest-chopsticks {report.suite_version}, schema {SPEC_VERSION}"


def _table(report: Report) -> Iterator[str]:
    shown = [status for status in _COLUMNS if status in _ALWAYS or _any(report, status)]
    yield f"{'Area':14}" + "".join(f"{status:>15}" for status in shown)
    for area, results in groupby(report.results, lambda one: one.requirement.id.split(".")[0]):
        counts = count(results)
        yield f"{area:14}" + "".join(f"{counts[status]:15}" for status in shown)


def _any(report: Report, status: Status) -> bool:
    return any(result.status == status for result in report.results)


def _accounts(report: Report) -> Iterator[str]:
    """Tell of every failure, but once of an error: it may have stopped all requirements."""
    told: dict[str, str] = {}
    for result in report.results:
        if result.status == "error" and result.message in told:
            continue
        if result.status in _TOLD:
            yield from _account(report, result, told)


def _account(report: Report, result: Result, told: dict[str, str]) -> Iterator[str]:
    """Tell of one requirement; a message told before is referred to, not repeated."""
    requirement = result.requirement
    mark = _MARKS[result.status]
    where = f"DATABASE_SCHEMA.md {section_name(requirement.section)}"
    yield f"{mark} {requirement.id}   {requirement.level}   {where}"
    if reason := report.known_failures.get(requirement.id):
        yield f"  Known: {reason}"
    message = result.message or ""
    first = told.setdefault(message, requirement.id)
    if first == requirement.id:
        yield from (f"  {line}" for line in message.splitlines())
    else:
        yield f"  the same as {first}"
    if result.status == "error" and (others := _stopped_by(message, report) - 1):
        yield f"  The same error stopped {others} more."
    if reproduce := result.reproduce:
        yield f"  Reproduce: {reproduce}"
    yield ""


def _stopped_by(message: str, report: Report) -> int:
    return sum(one.status == "error" and one.message == message for one in report.results)
