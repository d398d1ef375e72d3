"""Every broken variant of the reference is caught, every correct one passes."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_chopsticks.bundled.conformance import AREAS as ALL_AREAS

from pytest_chopsticks.collection import families
from tests.mutants.judging import Findings, Judge

from . import agents_mutants, items_mutants, records_mutants, settings_mutants, tokens_mutants
from .correct_variants import CORRECT
from .reference_variant import Mutant, Variant

MUTANTS: tuple[Mutant, ...] = (
    *tokens_mutants.MUTANTS,
    *settings_mutants.MUTANTS,
    *agents_mutants.MUTANTS,
    *records_mutants.MUTANTS,
    *items_mutants.MUTANTS,
)
#: Judged by tests of their own.
_ELSEWHERE = ("schema", "migrations", "economy", "recovery")
AREAS = [area for area in ALL_AREAS if area not in _ELSEWHERE]


def node_of(requirement: str) -> str:
    """The test of the suite that checks a requirement."""
    area = requirement.partition(".")[0]
    module = importlib.import_module(f"pytest_chopsticks.bundled.conformance.{area}")
    for name, value in vars(module).items():
        marks = getattr(value, "pytestmark", ())
        if isinstance(marks, list) and any(requirement in mark.args for mark in marks):
            return f"{area}::{name}"
    raise LookupError(requirement)


def judge_variant(judge: Judge, variant: Variant, *areas: str) -> Findings:
    return judge.target(areas=areas, python=variant.write(judge.directory))


@pytest.mark.parametrize("broken", MUTANTS, ids=lambda one: one.variant.name)
def test_broken_variant_is_caught(broken: Mutant, judge: Judge, tmp_path: Path) -> None:
    at_work = Judge("", tmp_path) if broken.own_server else judge
    findings = judge_variant(at_work, broken.variant, broken.test or node_of(broken.requirement))

    assert not findings.errors
    message = findings.failed.get(broken.requirement)
    assert message is not None, f"not caught: {broken.variant.about}"
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


def test_every_requirement_has_a_mutant() -> None:
    caught = {mutant.requirement for mutant in MUTANTS}

    assert set(_requirements()) <= caught


def _requirements() -> Iterator[str]:
    return (family.id for family in families() if family.area in AREAS)
