"""The report as JUnit XML: an area is a suite, a requirement a case, its facts are properties."""

from __future__ import annotations

from itertools import groupby
from xml.etree import ElementTree as Xml

from pytest_chopsticks.report.report import Report
from pytest_chopsticks.report.results import Result, count

_OUTCOME = {
    "failed": "failure",
    "error": "error",
    "not-claimed": "skipped",
    "not-run": "skipped",
    "known-failure": "skipped",
}


def render_junit(report: Report) -> str:
    """Return the document as text."""
    root = Xml.Element("testsuites", name="pytest-chopsticks")
    properties = Xml.SubElement(root, "properties")
    _property(properties, "result", report.verdict)
    _property(properties, "implementation", report.implementation.name)
    for area, results in groupby(report.results, lambda one: one.requirement.id.split(".")[0]):
        _suite(root, area, tuple(results))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: Xml.Element, area: str, results: tuple[Result, ...]) -> None:
    counts = count(results)
    skipped = counts["not-claimed"] + counts["not-run"] + counts["known-failure"]
    suite = Xml.SubElement(
        root,
        "testsuite",
        name=area,
        tests=str(len(results)),
        failures=str(counts["failed"]),
        errors=str(counts["error"]),
        skipped=str(skipped),
        time=f"{sum(result.duration_s for result in results):.3f}",
    )
    for result in results:
        _case(suite, area, result)


def _case(suite: Xml.Element, area: str, result: Result) -> None:
    requirement = result.requirement
    case = Xml.SubElement(
        suite,
        "testcase",
        classname=f"chopsticks.{area}",
        name=requirement.id,
        time=f"{result.duration_s:.3f}",
    )
    properties = Xml.SubElement(case, "properties")
    for name in ("id", "level", "text", "section"):
        _property(properties, name, getattr(requirement, name))
    _property(properties, "status", result.status)
    if reproduce := result.reproduce:
        _property(properties, "reproduce", reproduce)
    if outcome := _OUTCOME.get(result.status):
        message = _xml_text(result.message or result.status)
        Xml.SubElement(case, outcome, message=message.partition("\n")[0]).text = message


def _property(properties: Xml.Element, name: str, value: str) -> None:
    Xml.SubElement(properties, "property", name=name, value=_xml_text(value))


def _xml_text(text: str) -> str:
    """Replace what XML 1.0 cannot hold, such as the control characters of a driver's output."""
    return "".join(
        one if one in "\t\n\r" or one >= " " else "\N{REPLACEMENT CHARACTER}" for one in text
    )
