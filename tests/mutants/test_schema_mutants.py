"""Every broken schema is caught, by the requirements meant for it and hardly any other."""

from __future__ import annotations

from zlib import crc32

import pytest

from conformance.canonical_schema import TABLES

from .judging import Findings, Judge
from .matrix.gathering import Enter
from .schema_groups import Group, in_groups, of_mutant, together
from .schema_mutant import SchemaMutant
from .schema_mutants import SCHEMA_MUTANTS


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutant" in metafunc.fixturenames:
        cases = [
            pytest.param(mutant, group, id=mutant.name)
            for group in in_groups(SCHEMA_MUTANTS)
            for mutant in group
        ]
        metafunc.parametrize(("mutant", "group"), cases)


@pytest.fixture(scope="session")
def wanted(request: pytest.FixtureRequest) -> set[str]:
    """The names of the mutants, among other parameters, that are not left out."""
    functions = (item for item in request.session.items if isinstance(item, pytest.Function))
    return {item.callspec.id for item in functions if hasattr(item, "callspec")}


@pytest.fixture(scope="session")
def judged() -> dict[Group, Findings]:
    return {}


@pytest.fixture
def findings(
    mutant: SchemaMutant,
    group: Group,
    wanted: set[str],
    judged: dict[Group, Findings],
    judge: Judge,
) -> Findings:
    """What was found about a mutant, judged at once with the others of its group."""
    group = tuple(one for one in group if one.name in wanted)
    if group not in judged:
        judged[group] = judge.schema(together(group), about=_touched_and_a_sample(group))
    return of_mutant(mutant, group, judged[group])


def test_schema_mutant_is_caught(mutant: SchemaMutant, findings: Findings, enter: Enter) -> None:
    assert not findings.errors
    enter(mutant.row, findings.failed)
    assert mutant.caught_by <= findings.failed.keys(), mutant.broken
    assert not [id_ for id_ in findings.failed if not mutant.may_fail(id_)]
    for id_ in mutant.caught_by:
        assert all(name in findings.failed[id_] for name in mutant.names), findings.failed[id_]


def _touched_and_a_sample(group: Group) -> str:
    """What the mutants can touch, and something about another table, where nothing may fail."""
    touched = [mutant.table for mutant in group]
    others = [table.name for table in TABLES if table.name not in touched]
    number, which = divmod(crc32(group[0].name.encode()), len(others))
    # Writes take far longer than anything else.
    tests = "test_table or test_primary_key" + (" or test_accepts" if number % 4 == 0 else "")
    sample = f"{others[which]} and ({tests})"
    return f"{' or '.join(touched)} or only_allowed_changes or from_empty or ({sample})"
