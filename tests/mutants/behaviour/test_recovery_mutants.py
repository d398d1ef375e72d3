"""Every implementation that loses what it accepted is caught; the reference is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_chopsticks.collection import families
from tests.mutants.judging import Judge
from tests.mutants.matrix.gathering import Enter

from .recovery_mutants import MUTANTS
from .reference_variant import Mutant, Variant


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Recovery is judged where the server is the suite's own."""
    return Judge("", tmp_path)


@pytest.mark.parametrize("broken", MUTANTS, ids=lambda one: one.variant.name)
def test_broken_variant_is_caught(broken: Mutant, judge: Judge, enter: Enter) -> None:
    assert broken.test
    python = broken.variant.write(judge.directory)

    findings = judge.target(areas=(broken.test,), python=python)

    assert not findings.errors
    enter(broken.row, findings.failed)
    message = findings.failed[broken.requirement]
    assert all(words in message for words in broken.says), message


def test_the_reference_passes(judge: Judge) -> None:
    python = Variant("reference", "nothing is different").write(judge.directory)

    findings = judge.target(areas=("recovery",), python=python)

    assert not findings.errors
    assert not findings.failed
    assert findings.passed == requirements()


def test_another_server_cannot_be_made_to_crash(judging_dsn: str, tmp_path: Path) -> None:
    python = Variant("reference", "nothing is different").write(tmp_path)

    findings = Judge(judging_dsn, tmp_path).target(areas=("recovery",), python=python)

    assert not findings.errors
    assert not findings.failed
    assert not findings.passed


def requirements() -> frozenset[str]:
    return frozenset(family.id for family in families() if family.area == "recovery")
