"""Every broken `verify_schema` is caught by exactly the requirements meant for it."""

from __future__ import annotations

import pytest

from . import broken_schema_checks as broken
from .judging import Judge

_AREAS = (
    "schema::test_hash_is_deterministic",
    "schema::test_hash_is_sensitive",
    "schema::test_drift_is_detected",
)
_DETERMINISTIC = "schema.hash.deterministic"
_SENSITIVE = "schema.hash.sensitive"
_DRIFT = "schema.drift-detected"
_UNNOTICED = {_SENSITIVE, _DRIFT}


@pytest.mark.parametrize(
    ("lie", "caught_by", "named"),
    [
        (broken.HashesObjectIds, {_DETERMINISTIC}, "in another order"),
        (broken.HashesSettings, {_DETERMINISTIC}, "settings were changed"),
        (broken.HashesQuotedNames, {_DETERMINISTIC}, "settings were changed"),
        (broken.HashesAnything, {_DETERMINISTIC}, "in another order"),
        (broken.IgnoresColumns, _UNNOTICED, "a column is renamed"),
        (broken.IgnoresPrimaryKeys, _UNNOTICED, "a primary key is dropped"),
        (broken.IgnoresUnique, _UNNOTICED, "a unique constraint is dropped"),
        (broken.IgnoresIndexes, _UNNOTICED, "an index is dropped"),
        (broken.AcceptsDrift, {_DRIFT}, "a table is renamed"),
        (broken.RepairsDrift, {_DRIFT}, "user_wallets"),
        (broken.LogsDrift, {_DRIFT}, "rows of audit_log"),
        (broken.NamesNothing, {_DRIFT}, "a refusal that names user_pets"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_broken_schema_check_is_caught(
    lie: type, caught_by: set[str], named: str, judge: Judge
) -> None:
    findings = judge.target(python=f"{lie.__module__}:{lie.__qualname__}", areas=_AREAS)

    assert not findings.errors
    assert findings.failed.keys() == caught_by
    for message in findings.failed.values():
        assert named in message
