"""Every broken variant of the reference is caught, every correct one passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_chopsticks.bundled.conformance import AREAS as ALL_AREAS

from tests.mutants.judging import Findings, Judge
from tests.mutants.matrix.gathering import Enter

from .correct_variants import CORRECT
from .reference_mutants import MUTANTS
from .reference_variant import Mutant, Variant

#: Judged by tests of their own.
_ELSEWHERE = ("schema", "migrations", "economy", "recovery")
AREAS = [area for area in ALL_AREAS if area not in _ELSEWHERE]


def judge_variant(judge: Judge, variant: Variant, *areas: str) -> Findings:
    return judge.target(areas=areas, python=variant.write(judge.directory))


@pytest.mark.parametrize("broken", MUTANTS, ids=lambda one: one.variant.name)
def test_broken_variant_is_caught(
    broken: Mutant, judge: Judge, tmp_path: Path, enter: Enter
) -> None:
    at_work = Judge("", tmp_path) if broken.own_server else judge
    findings = judge_variant(at_work, broken.variant, broken.node)

    assert not findings.errors
    enter(broken.row, findings.failed)
    message = findings.failed[broken.requirement]
    assert all(words in message for words in broken.says), message


def test_what_another_requirement_forbids_is_not_held_against_the_one_that_runs(
    judge: Judge,
) -> None:
    touching = next(one for one in MUTANTS if one.requirement == "economy.log-append-only")

    findings = judge_variant(judge, touching.variant, "agents::test_status")

    assert findings.failed.keys() == {"economy.log-append-only"}
    assert "agents.status" in findings.passed


@pytest.mark.parametrize("variant", CORRECT, ids=lambda one: one.name)
def test_correct_variant_passes(variant: Variant, judge: Judge) -> None:
    findings = judge_variant(judge, variant, *(variant.areas or AREAS))

    assert not findings.errors
    assert {id_: findings.failed[id_] for id_ in findings.failed.keys() - {*variant.may_fail}} == {}


def test_the_reference_passes_thoroughly(judge: Judge) -> None:
    # Texts alone would take as long as all the others.
    areas = [area for area in AREAS if area != "text"]
    python = Variant("reference", "nothing is different").write(judge.directory)

    findings = judge.target(areas=areas, python=python, options=["--chopsticks-profile=thorough"])

    assert not findings.errors
    assert not findings.failed
