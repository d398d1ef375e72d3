"""Every broken schema is caught, by the requirements meant for it and hardly any other."""

from __future__ import annotations

from zlib import crc32

import pytest

from conformance.canonical_schema import TABLES

from .judging import Judge
from .matrix.gathering import Enter, takes_all
from .schema_mutant import SchemaMutant
from .schema_mutants import SCHEMA_MUTANTS, sample


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutant" in metafunc.fixturenames:
        mutants = SCHEMA_MUTANTS if takes_all(metafunc.config) else sample()
        metafunc.parametrize("mutant", mutants, ids=lambda one: one.name)


def test_schema_mutant_is_caught(mutant: SchemaMutant, judge: Judge, enter: Enter) -> None:
    findings = judge.schema(mutant.statements, about=_touched_and_a_sample(mutant))

    assert not findings.errors
    enter(mutant.row, findings.failed)
    assert mutant.caught_by <= findings.failed.keys(), mutant.broken
    assert not [id_ for id_ in findings.failed if not mutant.may_fail(id_)]
    for id_ in mutant.caught_by:
        assert all(name in findings.failed[id_] for name in mutant.names), findings.failed[id_]


def _touched_and_a_sample(mutant: SchemaMutant) -> str:
    """What the mutant can touch, and something about another table, where nothing may fail."""
    others = [table.name for table in TABLES if table.name != mutant.table]
    number, which = divmod(crc32(mutant.name.encode()), len(others))
    # Writes take far longer than anything else.
    tests = "test_table or test_primary_key" + (" or test_accepts" if number % 4 == 0 else "")
    sample = f"{others[which]} and ({tests})"
    return f"{mutant.table} or only_allowed_changes or from_empty or ({sample})"
