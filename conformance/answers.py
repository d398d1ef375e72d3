"""Asks an implementation to do something, and words it when the answer is not the one expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import Accepted, Outcome, Refused
from pytest_chopsticks.implementations.implementation import Driver
from pytest_chopsticks.violation import Violation

from .table_rows import contents, expect_same_contents

#: What became of a call: an answer, or what went wrong instead of one.
Answer = Outcome | ImplementationFault


def attempt(driver: Driver, operation: str, **arguments: object) -> Answer:
    """The answer; a fault is one to be judged, not the suite's trouble."""
    try:
        return driver.call(operation, **arguments)
    except ImplementationFault as fault:
        return fault


def ask(driver: Driver, operation: str, **arguments: object) -> Mapping[str, Any]:
    """The result of an operation that has to be accepted, empty where it answers nothing.

    A fault is not caught here: an implementation that breaks at what is plain cannot be judged.
    """
    return result_of(driver.call(operation, **arguments), operation)


def result_of(answer: Answer, what: str) -> Mapping[str, Any]:
    """The result of an answer that has to be an acceptance."""
    if not isinstance(answer, Accepted):
        raise Violation(expected=f"{what} is accepted", actual=told(answer))
    return answer.result if isinstance(answer.result, Mapping) else {}


def expect_rejected(
    driver: Driver,
    observer: psycopg.Connection[Any],
    what: str,
    operation: str,
    **arguments: object,
) -> Refused:
    """Expect a rejection, under whatever name, that leaves every table as it was."""
    before = contents(observer)
    answer = attempt(driver, operation, **arguments)
    refused = expect_refusal(answer, what)
    expect_same_contents(before, contents(observer), what)
    return refused


def expect_refusal(answer: Answer, what: str) -> Refused:
    """Expect an answer to be a rejection: neither an acceptance nor a fault."""
    if not isinstance(answer, Refused):
        raise Violation(expected=f"{what} is rejected", actual=told(answer))
    return answer


def told(answer: Answer) -> str:
    """Word an answer in one line; a result is not shown, because it may be a secret."""
    if isinstance(answer, Accepted):
        return "it is accepted"
    if isinstance(answer, Refused):
        name = answer.rejection or f"without a name, SQLSTATE {answer.sqlstate}"
        return f"it is rejected ({name}): {_first_line(answer.message)}"
    return f"it is neither accepted nor rejected: {answer.message}"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
