"""Broken migration runners are caught, with what they did; correct ones pass."""

from __future__ import annotations

import pytest

from tests.mutants.judging import Judge
from tests.mutants.matrix.gathering import Enter
from tests.mutants.matrix.requirement_ids import spelled_in_the_suite

from .correct_migration_runners import CORRECT
from .migration_runner_mutants import MUTANTS
from .reference_variant import Mutant, Variant

# A runner that is killed leaves its connection to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize("broken", MUTANTS, ids=lambda one: one.variant.name)
def test_broken_runner_is_caught(broken: Mutant, judge: Judge, enter: Enter) -> None:
    findings = judge.target(
        areas=(broken.node,),
        python=broken.variant.write(judge.directory),
        migrations="migrations",
        options=("--chopsticks-time-limit=4",),
    )

    assert not findings.errors
    enter(broken.row, findings.failed)
    message = next(
        text
        for id_, text in findings.failed.items()
        if spelled_in_the_suite(id_) == broken.requirement
    )
    assert all(words in message for words in broken.says), message


@pytest.mark.parametrize("variant", CORRECT, ids=lambda one: one.name)
def test_correct_runner_passes(variant: Variant, judge: Judge) -> None:
    findings = judge.target(
        areas=("migrations",), python=variant.write(judge.directory), migrations="migrations"
    )

    assert not findings.errors
    assert findings.failed == {}
    assert "migrations.resumed-after-kill" in findings.passed
