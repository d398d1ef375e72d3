"""Makes the conformance suite appear under `chopsticks.toml` in pytest's tree of tests.

One `Area` per module of the suite, so that ids read `chopsticks.toml::schema::test_table[…]`. The
host's naming settings and import mode do not reach it: an area decides itself what a test is.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from pytest_chopsticks.bundled import ROOT
from pytest_chopsticks.errors import ChopsticksError
from pytest_chopsticks.implementations import OPERATIONS
from pytest_chopsticks.requirements import Family, Requirement, load_families
from pytest_chopsticks.run import Run

_SUITE = "pytest_chopsticks.bundled.conformance"

RUN: pytest.StashKey[Run] = pytest.StashKey()
REQUIREMENT: pytest.StashKey[Requirement] = pytest.StashKey()


@cache
def families() -> tuple[Family, ...]:
    """Every requirement of the suite, unexpanded."""
    areas = importlib.import_module(_SUITE).AREAS
    return load_families(ROOT / "conformance" / "requirements", areas, OPERATIONS)


def expand(family: Family, migrations: Path | None) -> Iterator[tuple[str, object, Requirement]]:
    """Yield the key, the value and the requirement of each subject of a family.

    A family without subjects, such as files where there are none, stands for itself.
    """
    subjects = _suite_module("subjects").subjects_of(family.each, migrations) if family.each else ()
    for subject in subjects:
        yield subject.key, subject.value, family.requirement(subject.words)
    if not subjects:
        yield "none", None, family.requirement({})


def catalogue(run: Run) -> tuple[Requirement, ...]:
    """Every requirement that the run's implementation is judged by."""
    migrations = run.target.migrations if run.target else None
    return tuple(found for family in families() for _, _, found in expand(family, migrations))


class SuiteFile(pytest.File):
    """A `chopsticks.toml`; its areas are the modules of the suite that check requirements."""

    def collect(self) -> Iterator[pytest.Collector]:
        run = self.config.stash[RUN]
        assert run.target is not None
        register_fixtures(self, _suite_module("fixtures"))
        for area in dict.fromkeys(family.area for family in families()):
            path = ROOT / "conformance" / f"{area}.py"
            yield Area.from_parent(self, path=path, name=area, nodeid=f"{self.nodeid}::{area}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> object:  # type: ignore[override]
        if isinstance(excinfo.value, ChopsticksError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class Area(pytest.Module):
    """One module of the suite: its tests are the functions named `test_…`."""

    def _getobj(self) -> ModuleType:
        return _suite_module(self.name)

    def funcnamefilter(self, name: str) -> bool:
        return name.startswith("test_")

    def classnamefilter(self, name: str) -> bool:  # noqa: ARG002
        return False


def register_fixtures(node: pytest.Collector, module: ModuleType) -> None:
    """Make the fixtures of a module visible below a node, and nowhere else."""
    register = node.session._fixturemanager.parsefactories
    if pytest.version_tuple >= (9, 1):
        register(holder=module, node=node)
    else:
        register(module, node.nodeid)


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Expand a test of the suite over the subjects of the family it names."""
    family = _family_of(metafunc.definition)
    if family is None or family.each is None:
        return
    run = metafunc.config.stash[RUN]
    cases = [
        pytest.param(value, id=key, marks=pytest.mark.chopsticks_subject(requirement))
        for key, value, requirement in expand(family, run.target.migrations if run.target else None)
    ]
    metafunc.parametrize("subject", cases)


def attach_requirement(item: pytest.Item) -> None:
    """Remember on an item of the suite which requirement it checks."""
    family = _family_of(item)
    if family is None:
        return
    marker = item.get_closest_marker("chopsticks_subject")
    item.stash[REQUIREMENT] = marker.args[0] if marker else family.requirement({})


def _family_of(node: pytest.Item) -> Family | None:
    marker = node.get_closest_marker("chopsticks_requirement")
    if marker is None or node.getparent(Area) is None:
        return None
    return next(family for family in families() if family.id == marker.args[0])


def _suite_module(name: str) -> ModuleType:
    return importlib.import_module(f"{_SUITE}.{name}")
