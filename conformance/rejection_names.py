"""The names that rejections should carry. That something is rejected is judged elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pytest_chopsticks.implementations import Driver, Refused
from pytest_chopsticks.violation import Violation

from .answers import attempt


@dataclass(frozen=True, slots=True)
class Expectation:
    """A call, and the names of which its rejection should carry one."""

    what: str
    names: tuple[str, ...]
    operation: str
    arguments: dict[str, Any] = field(repr=False)
    driver: Driver | None = None


def expect_names(driver: Driver, expectations: Iterable[Expectation]) -> None:
    """Make every call that is claimed, and raise a violation with all that were named otherwise."""
    wrong = []
    for expected in expectations:
        answer = attempt(expected.driver or driver, expected.operation, **expected.arguments)
        if isinstance(answer, Refused) and answer.rejection not in expected.names:
            name = answer.rejection or f"no name, SQLSTATE {answer.sqlstate}"
            wrong.append(f"{expected.what}: {name} instead of {' or '.join(expected.names)}")
    if wrong:
        raise Violation(
            expected="rejections carry the agreed names",
            actual="".join(f"\n  {one}" for one in wrong),
        )
