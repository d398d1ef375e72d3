"""Every broken migration is caught, by the requirements meant for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS

from .judging import Judge
from .matrix.gathering import Enter
from .matrix.requirement_ids import spelled_in_the_suite
from .migration_mutants import MUTANTS, UNPROTECTED, UNPROTECTED_RECORDS, MigrationMutant

_IMPLEMENTATION = """\
import reference_impl


class Implementation(reference_impl.Implementation):
    operations = ["migrate"]

    def migrate(self, migrations={directory!r}):
        return super().migrate(migrations)
"""
_TESTS = {
    "name": "test_name",
    "has-up": "test_has_up",
    "backward-compatible": "test_backward_compatible",
    "old-writers": "test_old_writers",
    "data-preserved": "test_data_preserved",
    "down-restores": "test_down_restores",
    "lock-safe": "test_lock_safe",
}


@pytest.mark.parametrize("broken", MUTANTS, ids=lambda one: one.name)
def test_broken_migration_is_caught(
    broken: MigrationMutant, judge: Judge, enter: Enter, tmp_path: Path
) -> None:
    directory = tmp_path / "migrations"
    shutil.copytree(CANONICAL_MIGRATIONS, directory, ignore=shutil.ignore_patterns("__pycache__"))
    (directory / broken.file).write_text(broken.text, "utf-8")
    module = tmp_path / "judged_migrations.py"
    module.write_text(_IMPLEMENTATION.format(directory=str(directory)), "utf-8")

    findings = judge.target(
        python="judged_migrations:Implementation",
        migrations=str(directory),
        areas=sorted(f"migrations::{_TESTS[id_.split('.')[1]]}" for id_ in broken.caught_by),
    )

    assert not findings.errors
    enter(broken.row, findings.failed)
    assert {spelled_in_the_suite(id_) for id_ in findings.failed} == broken.caught_by
    assert all(broken.says in message for message in findings.failed.values()), findings.failed


def test_records_without_protection_are_caught(judge: Judge, enter: Enter) -> None:
    findings = judge.schema(UNPROTECTED, areas=["migrations::test_records_are_protected"])

    enter(UNPROTECTED_RECORDS, findings.failed)
    assert "accepted: UPDATE schema_migrations" in findings.failed["migrations.records-protected"]
