"""The report as one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pytest_chopsticks.report.report import SPEC_VERSION, Report
from pytest_chopsticks.report.results import Result, Status, Verdict, count
from pytest_chopsticks.report.terminal import section_name

VERDICTS: Mapping[Verdict, str] = {
    "conformant": "Every MUST passed.",
    "partial": "No MUST failed, but some were not claimed or did not run.",
    "nonconformant": "At least one MUST failed.",
    "error": "The suite had trouble of its own, so that nothing can be concluded.",
}

#: In the order of the columns and filters: what it means, and a sign besides the colour.
STATUSES: Mapping[Status, tuple[str, str]] = {
    "passed": ("✓", "The requirement was tried and is met."),
    "failed": ("×", "The requirement was tried and is not met."),
    "error": ("!", "The suite had trouble of its own; it says nothing of the implementation."),
    "known-failure": ("~", "It failed, and the implementation says so itself."),
    "not-claimed": ("–", "The implementation does not claim what the requirement is about."),
    "not-run": ("○", "The requirement was left out of this run."),
}

_ATTENTION: tuple[Status, ...] = ("failed", "error", "known-failure")


@dataclass(frozen=True, slots=True)
class Entry:
    """One requirement as it is shown; `same_as` is an earlier one with the same message."""

    result: Result
    section: str
    reproduce: str | None
    known: str | None
    same_as: str | None


@dataclass(frozen=True, slots=True)
class Area:
    """The requirements of one area."""

    name: str
    counts: Mapping[Status, int]
    entries: tuple[Entry, ...]


def render_html(report: Report) -> str:
    """Return the document. All text of others is escaped, and the page forbids every script."""
    # The one kind of report that needs it, and only once a run is over.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    areas = tuple(_areas(report))
    style = Path(__file__).with_name("report.css").read_text("utf-8")
    return environment.get_template("report.html").render(
        report=report,
        spec=SPEC_VERSION,
        meaning=VERDICTS[report.verdict],
        statuses=STATUSES,
        counts=count(report.results),
        areas=areas,
        attention=[one for area in areas for one in area.entries if _needs_attention(one)],
        style=Markup(style),  # noqa: S704
        style_hash=b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def _areas(report: Report) -> Iterator[Area]:
    told: dict[str, str] = {}
    for name, results in groupby(report.results, lambda one: one.requirement.id.split(".")[0]):
        of_area = tuple(results)
        entries = tuple(_entry(report, result, told) for result in of_area)
        yield Area(name, count(of_area), entries)


def _entry(report: Report, result: Result, told: dict[str, str]) -> Entry:
    id_ = result.requirement.id
    first = told.setdefault(result.message, id_) if result.message else id_
    return Entry(
        result,
        section_name(result.requirement.section),
        result.reproduce,
        report.known_failures.get(id_),
        first if first != id_ else None,
    )


def _needs_attention(entry: Entry) -> bool:
    return entry.result.status in _ATTENTION
