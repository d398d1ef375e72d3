"""Runners that are processes, drivers and commands: killed with SIGKILL in the middle."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_chopsticks.bundled import ROOT
from tests.mutants.judging import Findings, Judge

from .migration_runner_mutants import MUTANTS
from .reference_variant import Variant

SOUND = Variant("sound", "nothing is different")
HALF = "killed, it leaves half a migration"
LOCK_ROW = "the lock is a row that a killed runner leaves"
_WHOLE, _RESUMED = "migrations.killed-runner", "migrations.resumed-after-kill"
_AREAS = (
    "migrations::test_killed_runner_leaves_all_or_nothing",
    "migrations::test_next_runner_resumes",
)
#: The reference as a `migrate` command.
_COMMAND = """\
import os, sys
from types import SimpleNamespace
from {package} import Implementation
from {package}.rejections import Rejection

try:
    Implementation(SimpleNamespace(dsn=os.environ["DATABASE_URL"])).migrate(sys.argv[1])
except Rejection as rejection:
    sys.exit(f"{{rejection.rejection}}: {{rejection}}")
"""


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Processes need a server that listens on TCP."""
    return Judge("", tmp_path)


@pytest.mark.parametrize("kind", ["command", "migrate"])
def test_a_sound_runner_passes(kind: str, judge: Judge) -> None:
    findings = judged(SOUND, kind, judge)

    assert not findings.errors
    assert findings.passed == {_WHOLE, _RESUMED}


@pytest.mark.parametrize("kind", ["command", "migrate"])
def test_a_runner_that_leaves_half_a_migration_is_caught(kind: str, judge: Judge) -> None:
    findings = judged(variant(HALF), kind, judge)

    assert not findings.errors
    assert "a runner's processes were killed in 20260214_000000" in findings.failed[_WHOLE]


@pytest.mark.parametrize("kind", ["command", "migrate"])
def test_a_runner_that_leaves_its_lock_is_caught(kind: str, judge: Judge) -> None:
    findings = judged(variant(LOCK_ROW), kind, judge)

    assert not findings.errors
    assert findings.passed == {_WHOLE}
    assert "the next runner applies what is left" in findings.failed[_RESUMED]
    assert "did not end within 4 s" in findings.failed[_RESUMED]


def variant(about: str) -> Variant:
    return next(one.variant for one in MUTANTS if one.variant.about == about)


def judged(variant: Variant, kind: str, judge: Judge) -> Findings:
    package = variant.write(judge.directory).partition(":")[0]
    python = f"PYTHONPATH={judge.directory}:{ROOT} {sys.executable}"
    (judge.directory / "migrate.py").write_text(_COMMAND.format(package=package), "utf-8")
    commands = {
        "command": f"{python} -m {package}",
        "migrate": f"{python} migrate.py {{migrations}}",
    }
    return judge.target(
        areas=_AREAS,
        options=("--chopsticks-time-limit=4",),
        migrations="migrations",
        **{kind: commands[kind]},
    )
