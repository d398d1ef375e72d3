"""Every broken `verify_schema` is caught by exactly the requirements meant for it."""

from __future__ import annotations

import pytest

from .broken_schema_checks import MUTANTS, SchemaCheckMutant
from .judging import Judge
from .matrix.gathering import Enter

_AREAS = (
    "schema::test_hash_is_deterministic",
    "schema::test_hash_is_sensitive",
    "schema::test_drift_is_detected",
)


@pytest.mark.parametrize("broken", MUTANTS, ids=lambda one: one.lie.__name__)
def test_broken_schema_check_is_caught(
    broken: SchemaCheckMutant, judge: Judge, enter: Enter
) -> None:
    lie = broken.lie
    findings = judge.target(python=f"{lie.__module__}:{lie.__qualname__}", areas=_AREAS)

    assert not findings.errors
    enter(broken.row, findings.failed)
    assert findings.failed.keys() == broken.caught_by
    for message in findings.failed.values():
        assert broken.named in message
