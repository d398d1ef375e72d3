"""The report as JSON, in the shape that the contract fixes."""

from __future__ import annotations

import json
from typing import Any

from pytest_chopsticks.report.report import SPEC_VERSION, Report
from pytest_chopsticks.report.results import Result, count


def render_json(report: Report) -> str:
    """Return the document; `errors` is our addition to the contract's fields."""
    implementation, server = report.implementation, report.server
    document = {
        "report": 1,
        "result": report.verdict,
        "suite": {
            "name": "pytest-chopsticks",
            "version": report.suite_version,
            "spec": SPEC_VERSION,
        },
        "implementation": {
            "name": implementation.name,
            "version": implementation.version or "unknown",
            "language": implementation.language or "unknown",
            "operations": list(implementation.operations),
        },
        "server": {"origin": server.origin, "version": server.version} if server else None,
        "counts": count(report.results),
        "errors": list(report.errors),
        "requirements": [_requirement(result) for result in report.results],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _requirement(result: Result) -> dict[str, Any]:
    requirement = result.requirement
    return {
        "id": requirement.id,
        "level": requirement.level,
        "status": result.status,
        "text": requirement.text,
        "section": requirement.section,
        "duration_s": round(result.duration_s, 4),
        "message": result.message,
        "reproduce": result.reproduce,
    }
