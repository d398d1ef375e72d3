"""Every implementation that loses what it accepted is caught; the reference is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_chopsticks.collection import families
from tests.mutants.judging import Judge
from tests.mutants.matrix.gathering import Enter

from .recovery_mutants import CORRECT, MUTANTS
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


@pytest.mark.parametrize("correct", CORRECT, ids=lambda one: one.name)
def test_correct_variant_passes(correct: Variant, judge: Judge) -> None:
    python = correct.write(judge.directory)

    findings = judge.target(areas=("recovery",), python=python)

    assert not findings.errors
    assert not findings.failed
    assert findings.passed == requirements()


@pytest.fixture
def without_pg_dump(postgres_programs: Mapping[int, Path], tmp_path: Path) -> Judge:
    """These servers came with no programs for clients; what they hold is copied by the suite."""
    assert not (postgres_programs[17] / "pg_dump").exists()
    return Judge("", tmp_path, pg_bin=postgres_programs[17])


def test_the_reference_passes_without_pg_dump(without_pg_dump: Judge) -> None:
    python = Variant("reference", "nothing is different").write(without_pg_dump.directory)

    findings = without_pg_dump.target(areas=("recovery",), python=python)

    assert not findings.errors
    assert not findings.failed
    assert findings.passed == requirements()


# What pg_restore itself refuses shows only where there is one.
@pytest.mark.parametrize(
    "broken",
    [
        one
        for one in MUTANTS
        if one.requirement == "recovery.dump-restore" and "pg_restore" not in str(one.says)
    ],
    ids=lambda one: one.variant.name,
)
def test_broken_variant_is_caught_without_pg_dump(broken: Mutant, without_pg_dump: Judge) -> None:
    python = broken.variant.write(without_pg_dump.directory)

    findings = without_pg_dump.target(areas=("recovery::test_dump_and_restore",), python=python)

    assert not findings.errors
    assert findings.failed.keys() == {broken.requirement}


def test_another_server_cannot_be_made_to_crash(judging_dsn: str, tmp_path: Path) -> None:
    python = Variant("reference", "nothing is different").write(tmp_path)

    findings = Judge(judging_dsn, tmp_path).target(areas=("recovery",), python=python)

    assert not findings.errors
    assert not findings.failed
    assert not findings.passed


def requirements() -> frozenset[str]:
    return frozenset(family.id for family in families() if family.area == "recovery")
