"""The report: in the terminal, as JSON, HTML, JUnit; what it says, and where it goes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from pytest_chopsticks import __version__
from tests.plugin.scratch import Outcome, Scratch, scratch_in

KEYS = {"report", "result", "suite", "implementation", "server", "counts", "requirements"}
STATUSES = {"passed", "failed", "error", "not-claimed", "known-failure", "not-run"}
INDEX = "schema.index.user_pets.user_id"
TABLE = "schema.table.user_pets"
WITHOUT_INDEX = "DROP INDEX IF EXISTS idx_user_pets_user_id"
ON_INDEX = ("-k", "(test_index or test_table) and user_pets")

#: Lacks an index and a name, has no `verify_schema`, and breaks on edited migrations.
MIXED = """
import psycopg
from pytest_chopsticks.bundled.reference_impl import Implementation as Reference

class Implementation:
    name = "acme-bot"
    version = "2.1.0"

    def __init__(self, database, token_keys=()):
        self.reference, self.dsn = Reference(database, token_keys), database.dsn

    def migrate(self, migrations=None):
        if migrations is not None:
            raise RuntimeError("no other directory")
        done = self.reference.migrate()
        with psycopg.connect(self.dsn) as connection:
            connection.execute('''
                DROP INDEX IF EXISTS idx_user_pets_user_id;
                DROP INDEX IF EXISTS idx_inventory_user;
                ALTER TABLE user_pets ALTER COLUMN name SET NOT NULL;
            ''')
        return done
"""
MIXED_STATUSES = {
    TABLE: "passed",
    INDEX: "failed",
    "schema.column.user_pets.name": "failed",
    "schema.index.user_inventory.user_id": "known-failure",
    "schema.drift-detected": "not-claimed",
    "migrations.edited-file-refused": "error",
    "schema.table.agent_bots": "not-run",
}


def describe_mixed(scratch: Scratch) -> None:
    from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS

    scratch.write("acme_driver.py", MIXED)
    scratch.describe(
        python="acme_driver:Implementation",
        migrations=str(CANONICAL_MIGRATIONS),
        known_failures={"schema.index.user_inventory.user_id": "acme#42: add the index"},
    )


MIXED_SELECTION = (
    "-k",
    "user_pets and (test_table or test_index or test_column) or test_index and user_inventory"
    " or test_edited_file or test_drift",
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A run with every kind of report."""

    scratch: Scratch
    outcome: Outcome
    junit: Xml.Element
    pytest_junit: Xml.Element


def judge_in_every_form(scratch: Scratch, *arguments: str) -> Judged:
    outcome = scratch.judge(
        f"--chopsticks-report=junit:{scratch.root}/junit.xml",
        f"--chopsticks-report=html:{scratch.root}/report.html",
        f"--junitxml={scratch.root}/pytest.xml",
        *arguments,
    )
    ours, pytest_s = (Xml.parse(scratch.root / name) for name in ("junit.xml", "pytest.xml"))
    return Judged(scratch, outcome, ours.getroot(), pytest_s.getroot())


@pytest.fixture(scope="module")
def conformant(tmp_path_factory: pytest.TempPathFactory, clusters: Path) -> Iterator[Judged]:
    """The whole suite on the reference implementation."""
    with scratch_in(tmp_path_factory.mktemp("conformant"), clusters) as scratch:
        scratch.describe_reference()
        yield judge_in_every_form(scratch)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, clusters: Path) -> Iterator[Judged]:
    """A run in which every status occurs."""
    with scratch_in(tmp_path_factory.mktemp("mixed"), clusters) as scratch:
        describe_mixed(scratch)
        yield judge_in_every_form(scratch, *MIXED_SELECTION)


def test_reference_implementation_is_conformant(conformant: Judged) -> None:
    report = conformant.outcome.report
    assert report["result"] == "conformant", conformant.outcome.output
    assert set(conformant.outcome.statuses.values()) == {"passed"}
    assert conformant.outcome.exit_status == 0


def test_json_has_the_keys_of_the_contract(conformant: Judged) -> None:
    """And `errors`, for trouble that belongs to no requirement."""
    report = conformant.outcome.report
    assert set(report) == KEYS | {"errors"}
    assert report["report"] == 1
    assert report["suite"] == {
        "name": "pytest-chopsticks",
        "version": __version__,
        "spec": "1.0.0",
    }
    implementation = report["implementation"]
    assert set(implementation) == {"name", "version", "language", "operations"}
    assert implementation["name"] == "chopsticks-reference"
    assert implementation["language"] == "python"
    assert {"migrate", "verify_schema"} <= set(implementation["operations"])
    assert set(report["server"]) == {"origin", "version"}
    assert report["server"]["origin"] in ("embedded", "local")
    assert re.fullmatch(r"\d+\.\d+", report["server"]["version"])
    assert set(report["counts"]) == STATUSES


def test_json_has_every_requirement_once(conformant: Judged) -> None:
    report = conformant.outcome.report
    ids = [requirement["id"] for requirement in report["requirements"]]
    assert len(ids) == len(set(ids)) > 150
    assert sum(report["counts"].values()) == len(ids)
    for requirement in report["requirements"]:
        assert set(requirement) == {
            "id", "level", "status", "text", "section", "duration_s", "message", "reproduce",
        }  # fmt: skip
        assert requirement["level"] in ("MUST", "SHOULD")
        assert requirement["text"].endswith(".")
        assert requirement["section"]
        assert "<" not in requirement["id"]
        assert requirement["duration_s"] > 0


def test_terminal_of_a_conformant_implementation(conformant: Judged) -> None:
    _, _, section = conformant.outcome.output.partition("Chopsticks conformance")
    server = conformant.outcome.report["server"]
    assert "Implementation  chopsticks-reference 1.0.0 (python)" in section
    assert f"Server          {server['origin']} PostgreSQL {server['version']}" in section
    assert f"Suite           pytest-chopsticks {__version__}, schema 1.0.0" in section
    assert re.search(r"^Area +passed +failed +not-claimed$", section, re.MULTILINE)
    assert re.search(r"^schema +\d+ +0 +0$", section, re.MULTILINE)
    assert re.search(r"^migrations +\d+ +0 +0$", section, re.MULTILINE)
    assert "Result: conformant" in section


def test_every_status(mixed: Judged) -> None:
    statuses = mixed.outcome.statuses
    assert {id_: statuses[id_] for id_ in MIXED_STATUSES} == MIXED_STATUSES
    assert set(statuses.values()) == STATUSES
    counts = mixed.outcome.report["counts"]
    assert counts == {status: list(statuses.values()).count(status) for status in STATUSES}
    assert mixed.outcome.report["result"] == "nonconformant"
    assert mixed.outcome.exit_status == 1


def test_messages_say_what_was_expected_or_why_not(mixed: Judged) -> None:
    messages = {one["id"]: one["message"] for one in mixed.outcome.report["requirements"]}
    assert messages[TABLE] is None
    assert messages[INDEX].startswith("Expected: a valid, ready, full btree index on user_pets")
    assert "\nActual:   " in messages[INDEX]
    assert messages["schema.index.user_inventory.user_id"].startswith("Expected: ")
    assert messages["schema.drift-detected"] == "not claimed: the operation verify_schema"
    assert "no other directory" in messages["migrations.edited-file-refused"]


def test_terminal_tells_of_every_failure(mixed: Judged) -> None:
    _, _, section = mixed.outcome.output.partition("Chopsticks conformance")
    assert f"× {INDEX}   MUST   DATABASE_SCHEMA.md §13 user_pets\n  Expected: " in section
    assert "~ schema.index.user_inventory.user_id   MUST" in section
    assert "\n  Known: acme#42: add the index\n  Expected: " in section
    assert "! migrations.edited-file-refused   MUST   DATABASE_SCHEMA.md §5" in section
    assert "Result: nonconformant" in section
    failures = [one for one in mixed.outcome.report["requirements"] if one["status"] == "failed"]
    for failure in failures:
        assert f"  Reproduce: {failure['reproduce']}\n" in section


def test_junit_is_the_same_report(mixed: Judged) -> None:
    report = mixed.outcome.report
    cases = {
        properties["id"]: (case, properties)
        for case in mixed.junit.iter("testcase")
        for properties in [properties_of(case)]
    }
    assert len(cases) == len(report["requirements"])
    element = {"passed": None, "failed": "failure", "error": "error"}
    for requirement in report["requirements"]:
        case, properties = cases[requirement["id"]]
        for name in ("id", "level", "text", "section", "status"):
            assert properties[name] == requirement[name]
        assert properties.get("reproduce") == requirement["reproduce"]
        outcome = next((child.tag for child in case if child.tag != "properties"), None)
        assert outcome == element.get(requirement["status"], "skipped")
    assert properties_of(mixed.junit) == {"result": "nonconformant", "implementation": "acme-bot"}
    suites = mixed.junit.findall("testsuite")
    assert [suite.get("name") for suite in suites][:2] == ["schema", "migrations"]
    assert sum(int(suite.get("failures", "")) for suite in suites) == report["counts"]["failed"]


def test_html_is_the_same_report(mixed: Judged) -> None:
    """What the page is to a reader is tested in tests/report."""
    page = (mixed.scratch.root / "report.html").read_text("utf-8")
    articles = re.findall(r'<article id="(.*?)" class="requirement (.*?)"', page)
    assert dict(articles) == mixed.outcome.statuses
    assert len(articles) == len(mixed.outcome.statuses)
    assert f">{mixed.outcome.report['result']}</span></h1>" in page
    assert "Known: acme#42: add the index" in page


def test_pytest_s_own_junit_has_the_facts_too(mixed: Judged) -> None:
    facts = [properties_of(case) for case in mixed.pytest_junit.iter("testcase")]
    statuses = {one["chopsticks.id"]: one["chopsticks.status"] for one in facts}
    assert statuses == mixed.outcome.ran
    assert {"chopsticks.level", "chopsticks.section"} <= set(facts[0])


def test_every_reproduction_ends_the_same_way(mixed: Judged) -> None:
    wanted = ("failed", "error", "known-failure")
    bad = [one for one in mixed.outcome.report["requirements"] if one["status"] in wanted]
    assert {one["status"] for one in bad} == set(wanted)
    for one in bad:
        assert reproduced(mixed.scratch, one, mixed.scratch.root) == facts_of(one)


def test_reproduction_from_a_subdirectory(scratch: Scratch) -> None:
    """It works where pytest was called, whatever pytest's root directory is."""
    scratch.describe_altered(WITHOUT_INDEX)
    scratch.write("pytest.ini", "[pytest]")
    below = scratch.root / "with space/$HOME"
    below.mkdir(parents=True)
    outcome = scratch.judge(*ON_INDEX, cwd=below)
    [failure] = [one for one in outcome.report["requirements"] if one["id"] == INDEX]
    assert failure["status"] == "failed"
    assert reproduced(scratch, failure, below) == facts_of(failure)


def test_reproduction_keeps_the_options_that_matter(scratch: Scratch) -> None:
    scratch.describe(migrate="sleep 30")
    options = ("--chopsticks-time-limit=0.5", "--chopsticks-server=auto")
    outcome = scratch.judge(*options, *ON_INDEX)
    [error] = [one for one in outcome.report["requirements"] if one["id"] == TABLE]
    assert error["status"] == "error"
    assert reproduced(scratch, error, scratch.root) == facts_of(error)


def test_two_workers_give_the_same_report(mixed: Judged) -> None:
    outcome = mixed.scratch.judge("-n", "2", *MIXED_SELECTION)
    assert timeless(outcome.report) == timeless(mixed.outcome.report)
    assert outcome.exit_status == mixed.outcome.exit_status


def test_report_in_a_new_directory(scratch: Scratch) -> None:
    scratch.describe_reference()
    report = "--chopsticks-report=json:reports/today/report.json"
    outcome = scratch.pytest("--chopsticks-db", report, "-k", "test_table")
    assert outcome.exit_status == 0
    assert (scratch.root / "reports/today/report.json").stat().st_size > 0


@pytest.mark.parametrize(
    ("report", "complaint"),
    [
        ("json:file/report.json", "Not a directory"),
        ("junit:directory", "Is a directory"),
        ("json:/proc/report.json", "cannot write /proc/report.json: No such file"),
        ("json:", "write KIND:PATH"),
        ("pdf:report.pdf", "KIND is one of json, html, junit"),
    ],
)
def test_report_that_cannot_be_written(report: str, complaint: str, scratch: Scratch) -> None:
    """Is told before anything runs."""
    scratch.describe_reference()
    scratch.write("file", "")
    (scratch.root / "directory").mkdir()
    scratch.write("test_host.py", "def test_of_the_host(): raise SystemError('it ran')")
    outcome = scratch.pytest("--chopsticks-db", f"--chopsticks-report={report}")
    assert "ERROR: --chopsticks-report" in outcome.output
    assert complaint in outcome.output
    assert "it ran" not in outcome.output
    assert outcome.exit_status == pytest.ExitCode.USAGE_ERROR


def test_report_without_a_chopsticks_toml(scratch: Scratch) -> None:
    scratch.write("test_host.py", "def test_of_the_host(): pass")
    outcome = scratch.judge()
    assert "no chopsticks.toml in " in outcome.output
    assert outcome.exit_status == pytest.ExitCode.USAGE_ERROR


def properties_of(element: Xml.Element) -> dict[str, str]:
    found = element.findall("properties/property")
    return {one.get("name", ""): one.get("value", "") for one in found}


def reproduced(scratch: Scratch, requirement: dict[str, Any], cwd: Path) -> tuple[str, str]:
    """Status and message of a requirement when its `reproduce` line is run."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "report.json"
        line = f"{requirement['reproduce']} --chopsticks-report=json:{path}"
        outcome = scratch.run(line, cwd=cwd)
        assert path.exists(), outcome.output
        outcome = replace(outcome, written=path.read_text())
    assert set(outcome.ran) == {requirement["id"]}
    [again] = [one for one in outcome.report["requirements"] if one["id"] == requirement["id"]]
    return facts_of(again)


def facts_of(requirement: dict[str, Any]) -> tuple[str, str]:
    return requirement["status"], re.sub(r"\b[0-9a-f]{8}\b", "…", requirement["message"])


def timeless(report: dict[str, Any]) -> dict[str, Any]:
    requirements = [{**one, "duration_s": 0} for one in report["requirements"]]
    return {**report, "requirements": requirements}
