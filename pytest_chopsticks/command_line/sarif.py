"""Findings as SARIF 2.1.0, which code-scanning services show beside the lines of a change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pytest_chopsticks import __version__
from pytest_chopsticks.compatibility import Evidence, Finding, JudgedStep, Verdict

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Verdict.BREAKS: "error",
    Verdict.DECLARED: "note",
    Verdict.NOTED: "note",
    Verdict.NOT_ANALYSED: "warning",
}


def sarif_log(steps: Sequence[JudgedStep], root: Path) -> dict[str, Any]:
    """One run with a result for each finding; paths are relative to `root` where they are below."""
    findings = [finding for step in steps for finding in step.findings]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(findings)},
                "originalUriBaseIds": {"ROOT": {"uri": f"{root.resolve().as_uri()}/"}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, root) for finding in findings],
            }
        ],
    }


def _driver(findings: Iterable[Finding]) -> dict[str, Any]:
    rules = sorted({(finding.rule, finding.family) for finding in findings})
    return {
        "name": "chopsticks migrations check",
        "version": __version__,
        "rules": [
            {
                "id": rule,
                "shortDescription": {"text": rule.replace("-", " ")},
                "properties": {"requirement": f"migrations.{family}"},
            }
            for rule, family in dict(rules).items()
        ],
    }


def _result(finding: Finding, root: Path) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.verdict],
        "message": {"text": finding.message},
        "locations": [_location(finding, root)],
        "partialFingerprints": {"chopsticks/v1": _fingerprint(finding)},
        "properties": {
            "requirement": f"migrations.{finding.family}",
            "evidence": Evidence(finding.evidence).name.lower(),
            "verdict": finding.verdict.value,
        },
    }
    if finding.reason is not None:
        result["suppressions"] = [{"kind": "inSource", "justification": finding.reason}]
    return result


def _location(finding: Finding, root: Path) -> dict[str, Any]:
    path = finding.place.file.resolve()
    below = path.is_relative_to(root.resolve())
    uri = path.relative_to(root.resolve()).as_posix() if below else path.as_uri()
    artifact = {"uri": uri, "uriBaseId": "ROOT"} if below else {"uri": uri}
    physical: dict[str, Any] = {"artifactLocation": artifact}
    if finding.place.line is not None:
        physical["region"] = {"startLine": finding.place.line}
    return {"physicalLocation": physical}


def _fingerprint(finding: Finding) -> str:
    """The same finding in the same file, whatever line it moved to."""
    parts = (finding.place.file.name, finding.family, finding.rule, finding.subject)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
