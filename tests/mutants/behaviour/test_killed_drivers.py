"""Drivers that are processes: killed at work, a sound one does all or nothing, another half."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_chopsticks.bundled import ROOT
from tests.mutants.judging import Judge
from tests.mutants.matrix.gathering import Enter

from .killed_driver_mutants import HALVES, REQUIREMENT, ROW
from .reference_variant import Variant

_TEST = "economy::test_atomic_under_faults"
SOUND = Variant("sound", "nothing is different")


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Processes need a server that listens on TCP."""
    return Judge("", tmp_path)


def test_a_sound_driver_passes(judge: Judge) -> None:
    findings = judge.target(areas=(_TEST,), command=command_of(SOUND, judge))

    assert not findings.errors
    assert findings.passed == {REQUIREMENT}


def test_a_driver_that_does_halves_is_caught(judge: Judge, enter: Enter) -> None:
    findings = judge.target(areas=(_TEST,), command=command_of(HALVES, judge))

    assert not findings.errors
    enter(ROW, findings.failed)
    assert (
        "its process having been killed while it waited for transaction_log"
        in (findings.failed[REQUIREMENT])
    )


def test_it_is_not_caught_where_there_is_no_process_to_kill(judge: Judge) -> None:
    """Losing the connection alone is what it gets over."""
    findings = judge.target(areas=(_TEST,), python=HALVES.write(judge.directory))

    assert findings.passed == {REQUIREMENT}


def command_of(variant: Variant, judge: Judge) -> str:
    package = variant.write(judge.directory).partition(":")[0]
    return f"PYTHONPATH={judge.directory}:{ROOT} {sys.executable} -m {package}"
