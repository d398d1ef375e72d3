"""Every broken migration is caught, by the requirements meant for it."""

from __future__ import annotations

import pytest

from .judging import Judge
from .later_migrations import judged_with
from .matrix.gathering import Enter
from .matrix.requirement_ids import spelled_in_the_suite
from .migration_mutants import MUTANTS, UNPROTECTED, UNPROTECTED_RECORDS, MigrationMutant

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
def test_broken_migration_is_caught(broken: MigrationMutant, judge: Judge, enter: Enter) -> None:
    areas = sorted(f"migrations::{_TESTS[id_.split('.')[1]]}" for id_ in broken.caught_by)

    findings = judged_with(judge, broken.file, broken.text, areas)

    assert not findings.errors
    enter(broken.row, findings.failed)
    assert {spelled_in_the_suite(id_) for id_ in findings.failed} == broken.caught_by
    assert all(broken.says in message for message in findings.failed.values()), findings.failed


def test_records_without_protection_are_caught(judge: Judge, enter: Enter) -> None:
    findings = judge.schema(UNPROTECTED, areas=["migrations::test_records_are_protected"])

    enter(UNPROTECTED_RECORDS, findings.failed)
    assert "accepted: UPDATE schema_migrations" in findings.failed["migrations.records-protected"]
