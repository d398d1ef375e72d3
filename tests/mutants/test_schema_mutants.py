"""Every broken schema is caught, by the requirements meant for it and hardly any other."""

from __future__ import annotations

import pytest

from .judging import Judge
from .schema_mutant import SchemaMutant
from .schema_mutants import SCHEMA_MUTANTS, sample

_SAMPLE = sample()
_CASES = [
    pytest.param(
        mutant,
        id=mutant.name,
        marks=() if mutant.name in _SAMPLE else pytest.mark.full_matrix,
    )
    for mutant in SCHEMA_MUTANTS
]


@pytest.mark.parametrize("mutant", _CASES)
def test_schema_mutant_is_caught(mutant: SchemaMutant, judge: Judge) -> None:
    about = f"{mutant.table} or only_allowed_changes or from_empty"

    findings = judge.schema(mutant.statements, about=about)

    assert not findings.errors
    assert mutant.caught_by <= findings.failed.keys(), mutant.broken
    assert not [id_ for id_ in findings.failed if not mutant.may_fail(id_)]
    for id_ in mutant.caught_by:
        assert all(name in findings.failed[id_] for name in mutant.names), findings.failed[id_]
