"""Drivers that are processes: killed at work, a sound one does all or nothing, another half."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_chopsticks.bundled import ROOT
from tests.mutants.judging import Judge

from .reference_variant import Edit, Variant

_TEST, _REQUIREMENT = "economy::test_atomic_under_faults", "economy.atomic-under-faults"
_LOGGED = "            _log(connection, user_id, None, amount, reason)\n"
_LOGGED_IN_THE_END = """\
        import psycopg
        for _ in range(9):
            try:
                with self._connections.transaction() as connection:
                    _log(connection, user_id, None, amount, reason)
                return
            except psycopg.OperationalError:
                continue
"""
HALVES = Variant(
    "halves",
    "a debit is logged in a transaction of its own, as often tried as a lost connection takes",
    [Edit("wallets.py", _LOGGED, _LOGGED_IN_THE_END)],
)
SOUND = Variant("sound", "nothing is different")


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Processes need a server that listens on TCP."""
    return Judge("", tmp_path)


def test_a_sound_driver_passes(judge: Judge) -> None:
    findings = judge.target(areas=(_TEST,), command=command_of(SOUND, judge))

    assert not findings.errors
    assert findings.passed == {_REQUIREMENT}


def test_a_driver_that_does_halves_is_caught(judge: Judge) -> None:
    findings = judge.target(areas=(_TEST,), command=command_of(HALVES, judge))

    assert not findings.errors
    assert (
        "its process having been killed while it waited for transaction_log"
        in (findings.failed[_REQUIREMENT])
    )


def test_it_is_not_caught_where_there_is_no_process_to_kill(judge: Judge) -> None:
    """Losing the connection alone is what it gets over."""
    findings = judge.target(areas=(_TEST,), python=HALVES.write(judge.directory))

    assert findings.passed == {_REQUIREMENT}


def command_of(variant: Variant, judge: Judge) -> str:
    package = variant.write(judge.directory).partition(":")[0]
    return f"PYTHONPATH={judge.directory}:{ROOT} {sys.executable} -m {package}"
