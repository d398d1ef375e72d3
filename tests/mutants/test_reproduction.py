"""The line that a report gives for a failure ends in the same failure, in every area."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from .behaviour.recovery_mutants import MUTANTS as RECOVERY_MUTANTS
from .behaviour.reference_mutants import MUTANTS as REFERENCE_MUTANTS
from .behaviour.reference_variant import Mutant
from .judging import Judge
from .schema_mutant import SchemaMutant
from .schema_mutants import SCHEMA_MUTANTS


def _one_of_each_area() -> list[Mutant]:
    def area(mutant: Mutant) -> str:
        return mutant.requirement.partition(".")[0]

    mutants = sorted((*REFERENCE_MUTANTS, *RECOVERY_MUTANTS), key=area)
    return [next(group) for _, group in groupby(mutants, area)]


@pytest.mark.parametrize("broken", _one_of_each_area(), ids=lambda one: one.variant.name)
def test_failure_of_an_implementation(broken: Mutant, judge: Judge, tmp_path: Path) -> None:
    at_work = Judge("", tmp_path) if broken.needs_own_server else judge
    first = at_work.target(areas=(broken.node,), python=broken.variant.write(at_work.directory))

    again = at_work.again(first.reproductions[broken.requirement])

    message = again.failed[broken.requirement]
    assert all(words in message for words in broken.says), message


def _one_of_each_family() -> Iterator[tuple[SchemaMutant, str]]:
    """Yield a mutant and what catches it, for every kind of requirement on a schema."""
    seen: set[str] = set()
    for mutant in SCHEMA_MUTANTS:
        for requirement in sorted(mutant.caught_by):
            family = requirement.rsplit(f".{mutant.table}", 1)[0]
            if family not in seen:
                seen.add(family)
                yield mutant, requirement


@pytest.mark.parametrize(
    ("broken", "requirement"), [*_one_of_each_family()], ids=lambda one: getattr(one, "name", one)
)
def test_failure_of_a_schema(broken: SchemaMutant, requirement: str, judge: Judge) -> None:
    about = f"{broken.table} or only_allowed_changes or from_empty"
    first = judge.schema(broken.statements, about=about)

    again = judge.again(first.reproductions[requirement])

    assert again.failed == {requirement: first.failed[requirement]}
