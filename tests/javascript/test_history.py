"""Two months of a bot's migrations are judged one by one, each as a reader of it would expect."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_chopsticks.bundled.conformance.fixtures import create_canonical

from pytest_chopsticks.compatibility import Finding, JudgedStep, Verdict, judge_history
from pytest_chopsticks.databases import BuiltBy, DatabaseProvider
from pytest_chopsticks.migrations.files import list_migrations
from tests.javascript.conftest import ReportOn

HISTORY = Path(__file__).with_name("history")
FILES = list_migrations(HISTORY / "migrations")
EXPECTED: Mapping[str, Any] = tomllib.loads((HISTORY / "expected_findings.toml").read_text("utf-8"))

Told = tuple[str, str, str]


@pytest.fixture(scope="module")
def judged(databases: DatabaseProvider) -> Mapping[str, JudgedStep]:
    """What the judge says of each version, the whole history having been judged in order."""
    canonical = databases.template(BuiltBy(create_canonical))
    steps = judge_history(FILES, databases, beginning=canonical)
    return {step.file.version: step for step in steps}


def test_every_migration_is_expected_to_be_something() -> None:
    assert EXPECTED.keys() == {file.version for file in FILES}


@pytest.mark.parametrize("version", EXPECTED)
def test_a_migration_is_found_to_be_what_it_is(
    version: str, judged: Mapping[str, JudgedStep]
) -> None:
    step, expected = judged[version], EXPECTED[version]

    assert step.applied
    assert told(step.of(Verdict.BREAKS)) == listed(expected, "breaks")
    assert told(step.of(Verdict.DECLARED)) == listed(expected, "declared")
    assert told(step.of(Verdict.NOTED)) >= listed(expected, "noted")
    assert told(step.of(Verdict.NOT_ANALYSED)) == set()


def test_a_finding_leads_to_the_statement(judged: Mapping[str, JudgedStep]) -> None:
    step = judged["20260322_093000"]
    lines = step.file.path.read_text("utf-8").splitlines()

    places = {finding.place.line for finding in step.of(Verdict.BREAKS)}

    assert ["ALTER COLUMN quantity TYPE BIGINT" in lines[line - 1] for line in places if line] == [
        True
    ]


def test_a_declaration_is_shown_with_its_reason(judged: Mapping[str, JudgedStep]) -> None:
    (declared,) = judged["20260318_200000"].of(Verdict.DECLARED)

    assert (declared.reason or "").startswith("the page of a user's income went")


@pytest.fixture(scope="module")
def report(implementation: Path, report_on: ReportOn) -> dict[str, Any]:
    """The suite's report on the bot: a baseline, then migrations by a command."""
    assert implementation.is_dir(), "the bot uses its packages"
    return report_on(HISTORY, "chopsticks.toml::migrations")


def test_the_suite_finds_the_same_through_the_bot_itself(report: dict[str, Any]) -> None:
    """All else of it is in order, but that its records are not protected."""
    expected = {
        f"migrations.{family}.{version}"
        for version in EXPECTED
        for family, _, _ in listed(EXPECTED[version], "breaks")
    }

    assert with_status(report, "error") == set()
    assert with_status(report, "failed") == expected | {"migrations.records-protected"}


def test_what_cannot_run_in_a_transaction_is_passed_over_and_told(report: dict[str, Any]) -> None:
    (atomic,) = (
        one for one in report["requirements"] if one["id"] == "migrations.failure-is-atomic"
    )

    assert atomic["status"] == "passed"
    assert "of 7 of 12 migrations" in atomic["message"]
    assert "not 20260305_101500_audit_log_by_guild.mjs, which cannot run in" in atomic["message"]


def with_status(report: dict[str, Any], status: str) -> set[str]:
    return {one["id"] for one in report["requirements"] if one["status"] == status}


def told(findings: tuple[Finding, ...]) -> set[Told]:
    return {(finding.family.value, finding.rule, finding.subject) for finding in findings}


def listed(expected: Mapping[str, Any], verdict: str) -> set[Told]:
    return {(family, rule, subject) for family, rule, subject in expected.get(verdict, ())}
