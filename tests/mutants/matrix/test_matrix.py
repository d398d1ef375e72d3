"""The kill matrix says what was caught by what, and what was not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_chopsticks.bundled import ROOT
from tests.mutants.behaviour.correct_variants import CORRECT
from tests.mutants.correct_variants import CORRECT_VARIANTS

from .document import PATH, counted, document
from .matrix import Matrix
from .report import totals, write_report
from .requirement_ids import requirement_ids, spelled_in_the_suite
from .row import Row
from .rows import all_rows

CATCHES = "schema.table.user_pets"
OTHER = "schema.table.audit_log"
DROPPED = Row("schema", "dropped", "user_pets is missing.", frozenset({CATCHES}))


def matrix(*rows: Row, failed: dict[str, dict[str, str]] | None = None) -> Matrix:
    return Matrix(rows, (CATCHES, OTHER), failed or {})


def test_no_mutant_is_there_twice_or_meant_for_what_is_no_requirement() -> None:
    flaws = matrix(
        DROPPED, DROPPED, Row("schema", "x", "y", frozenset({"schema.nothing", OTHER}))
    ).flaws_of_the_data()

    assert list(flaws) == [
        "two mutants are named dropped",
        "x is meant for schema.nothing, which is no requirement",
    ]


def test_requirement_without_a_mutant_is_a_flaw() -> None:
    assert list(matrix(DROPPED).flaws_of_the_data()) == [f"no mutant is meant for {OTHER}"]


def test_survivor_is_a_flaw() -> None:
    assert list(matrix(DROPPED, failed={"dropped": {}}).flaws_of_what_ran()) == [
        "survived: user_pets is missing. (schema mutant dropped);"
        " meant to notice it: schema.table.user_pets"
    ]


def test_what_only_an_unrelated_requirement_catches_is_a_flaw() -> None:
    [flaw] = matrix(DROPPED, failed={"dropped": {OTHER: "…"}}).flaws_of_what_ran()

    assert flaw.startswith(f"caught only by {OTHER}: user_pets is missing.")


def test_unknown_mutant_is_a_flaw() -> None:
    [flaw] = matrix(failed={"dropped": {OTHER: "…"}}).flaws_of_what_ran()

    assert flaw == "dropped was judged, and is not among the mutants of the matrix"


def test_what_did_not_run_and_was_not_seen_to_fail_is_a_gap() -> None:
    judged = Row("schema", "judged", "audit_log is missing.", frozenset({OTHER}))

    gaps = list(matrix(DROPPED, judged, failed={"judged": {OTHER: "it is gone"}}).gaps())

    assert gaps == [
        "was not judged: user_pets is missing. (schema mutant dropped)",
        f"has not been seen to fail on a mutant that is meant for it: {CATCHES}",
    ]


def test_requirement_about_a_file_is_named_by_its_family() -> None:
    recorded = Row("migrations", "r", "r", frozenset({"migrations.recorded.<version>"}))

    assert recorded.complaint({"migrations.recorded.20260214_000000": "…"}) is None
    assert spelled_in_the_suite("migrations.name.1.sql") == "migrations.name.<file>"
    assert spelled_in_the_suite("migrations.from-empty") == "migrations.from-empty"
    assert "schema.column.user_pets.id" in requirement_ids()


@pytest.mark.parametrize("name", ["matrix.json", "below/matrix.md"])
def test_report_has_every_mutant_judged_and_what_it_was_caught_by(
    name: str, tmp_path: Path
) -> None:
    found = matrix(DROPPED, failed={"dropped": {CATCHES: "no <table>\nuser_pets", OTHER: "…"}})

    write_report(found, tmp_path / name)

    text = (tmp_path / name).read_text()
    assert totals(found) in text
    if name.endswith(".md"):
        assert f"| user_pets is missing. | `{CATCHES}` | no \\<table> user_pets |" in text
    else:
        [mutant] = json.loads(text)["mutants"]
        assert mutant["caught_by"] == {CATCHES: "no <table>\nuser_pets"}
        assert mutant["also_failed"] == [OTHER]


def test_every_requirement_has_a_mutant() -> None:
    assert list(Matrix(all_rows(), requirement_ids()).flaws_of_the_data()) == []


def test_document_and_readme_say_what_the_data_says() -> None:
    told = "run: python -m tests.mutants.matrix.document, and put its totals into README.md"
    assert PATH.read_text("utf-8") == document(), told
    assert counted() in " ".join((ROOT / "README.md").read_text("utf-8").split()), told


def test_correct_variants_are_many() -> None:
    assert len(CORRECT_VARIANTS) + len(CORRECT) >= 40
