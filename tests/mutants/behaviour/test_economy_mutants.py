"""Every wrong wallets implementation is caught, by its requirement and a message that says why."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_chopsticks.bundled.conformance import contention, economy
from pytest_chopsticks.bundled.conformance.canonical_ddl import create_statements
from pytest_chopsticks.bundled.conformance.canonical_schema import TABLES
from pytest_chopsticks.bundled.conformance.economy_bench import EconomyBench
from pytest_chopsticks.bundled.conformance.economy_search import EconomySearch

from pytest_chopsticks.databases import Database, DatabaseProvider
from pytest_chopsticks.implementations import Implementation, Target, load_implementation
from pytest_chopsticks.violation import Violation
from tests.mutants.matrix.gathering import Enter

from . import economy_mutants
from .economy_mutants import MUTANTS
from .economy_rows import UNPROTECTED_LOG, row_of
from .racing_wallets import SleepsWhenBusy
from .wallets_mutant import WalletsMutant, driver_of

_LOG_PROTECTED = "economy.log-protected"
CASES = [
    pytest.param(mutant, requirement, id=f"{mutant.name}-{requirement}")
    for mutant in MUTANTS
    for requirement in mutant.caught_by
]

Sleeping = driver_of(SleepsWhenBusy)


def requirement_tests() -> dict[str, Callable[..., None]]:
    """The tests of the area, by the requirement that they check."""
    tests = (value for name, value in vars(economy).items() if name.startswith("test_"))
    return {test.pytestmark[0].args[0]: test for test in tests}


def judge(
    requirement: str,
    databases: DatabaseProvider,
    python: str,
    directory: Path,
    schema: tuple[str, ...] = (),
) -> None:
    """Run the real test of one requirement on one implementation."""
    bench = EconomyBench(
        _implementation(python, directory),
        lambda: databases.clone(databases.template(_Schema(schema))),
        "public",
        "default",
        0,
        directory,
    )
    fixtures: dict[str, Any] = {
        "bench": bench,
        "search": EconomySearch(bench),
        "reproduce": "pytest --chopsticks-seed=0",
        "save": lambda history: history.save(directory, requirement),
        "note": pytest.fail,
    }
    test = requirement_tests()[requirement]
    test(**{name: fixtures[name] for name in inspect.signature(test).parameters})


@pytest.mark.parametrize(("mutant", "requirement"), CASES)
def test_caught(
    mutant: WalletsMutant,
    requirement: str,
    behaviour_databases: DatabaseProvider,
    tmp_path: Path,
    enter: Enter,
) -> None:
    python = f"{economy_mutants.__name__}:{mutant.name}Driver"
    with pytest.raises(Violation) as raised:
        judge(requirement, behaviour_databases, python, tmp_path, mutant.schema)
    enter(row_of(mutant.kind), {requirement: str(raised.value)})
    assert mutant.says in str(raised.value)


@pytest.mark.parametrize("requirement", sorted({*requirement_tests()} - {_LOG_PROTECTED}))
def test_correct_wallets_pass(
    requirement: str, behaviour_databases: DatabaseProvider, tmp_path: Path
) -> None:
    python = f"{WalletsMutant.__module__}:WalletsDriver"
    judge(requirement, behaviour_databases, python, tmp_path)


def test_an_operation_that_never_ends_is_caught(
    behaviour_databases: DatabaseProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contention, "TIME_LIMIT_S", 1.0)

    with pytest.raises(Violation, match="every operation ends, accepted or rejected"):
        judge("economy.serialisable", behaviour_databases, f"{__name__}:Sleeping", tmp_path)


def test_a_log_without_protection_is_caught(
    behaviour_databases: DatabaseProvider, enter: Enter
) -> None:
    template = behaviour_databases.template(_Schema(()))
    with (
        behaviour_databases.clone(template) as database,
        database.connect() as writer,
        pytest.raises(
            Violation, match=r"accepted: UPDATE transaction_log .*; DELETE .*; TRUNCATE"
        ) as raised,
    ):
        economy.test_log_is_protected(writer)
    enter(UNPROTECTED_LOG, {_LOG_PROTECTED: str(raised.value)})


def _implementation(python: str, directory: Path) -> Implementation:
    return load_implementation(Target(directory / "chopsticks.toml", "judged", python=python))


class _Schema:
    """The document's schema, and statements that change it."""

    def __init__(self, changes: tuple[str, ...]) -> None:
        self._statements = (*create_statements(TABLES), *changes)
        self.fingerprint = f"{hash(self._statements) & (2**64 - 1):016x}"

    def build(self, database: Database) -> None:
        with database.connect() as connection:
            for statement in self._statements:
                connection.execute(statement.encode())
