"""The contract can be met from outside Python: the suite judges an implementation in JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.javascript.conftest import ReportOn


@pytest.fixture(scope="module")
def report(implementation: Path, report_on: ReportOn) -> dict[str, Any]:
    return report_on(implementation, "chopsticks.toml")


def test_it_passes_everything_that_it_claims(report: dict[str, Any]) -> None:
    others = {
        one["id"]: one["message"]
        for one in report["requirements"]
        if one["status"] not in ("passed", "not-claimed")
    }
    assert others == {}
    assert report["counts"]["passed"] > 0


def test_it_claims_every_operation(report: dict[str, Any]) -> None:
    not_claimed = [one["id"] for one in report["requirements"] if one["status"] == "not-claimed"]
    assert not_claimed == []
    assert report["implementation"]["language"] == "javascript"
