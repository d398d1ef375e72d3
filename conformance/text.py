"""Area `text`: text is data, whatever it looks like."""

from __future__ import annotations

from typing import Any

import psycopg

from pytest_chopsticks import strategies
from pytest_chopsticks.implementations import Accepted, Driver, Implementation, Refused
from pytest_chopsticks.requirements import checks, not_claimed
from pytest_chopsticks.run import Run
from pytest_chopsticks.violation import Violation

from .agent_registration import make_pools
from .answers import ask, attempt, expect_rejected, told
from .examples import examples
from .table_rows import contents, expect_same_contents, rows_of
from .text_slots import Slot, slots

_SHOWN = 80
_ALWAYS = (
    "'; DROP TABLE user_wallets; --",
    "double \" and single ' quotes, back\\slash, %s $1 {0}",
    "Ünïcödé ✓ 日本語 🐉 e\u0301 \u202eright to left",
    "very long " * 1_000,
)


@checks("text.literal")
def test_literal(
    driver: Driver, observer: psycopg.Connection[Any], implementation: Implementation, run: Run
) -> None:
    if not any(slot.operation in implementation.claims for slot in slots(0)):
        not_claimed("no operation that stores a text")
    make_pools(observer)
    drawn = examples(run, strategies.hostile_text(), 8)
    for number, text in enumerate([*_ALWAYS, *drawn]):
        _store_everywhere(driver, observer, implementation, number, text)
    _expect_zero_refused(driver, observer, implementation)


def _store_everywhere(
    driver: Driver,
    observer: psycopg.Connection[Any],
    implementation: Implementation,
    round_: int,
    text: str,
) -> None:
    """Give one text to every argument, each time with other things around it."""
    for place, slot in enumerate(slots(0)):
        if slot.operation not in implementation.claims:
            continue
        slot = slots(100 * (round_ + 1) + place)[place]
        _prepare(driver, slot)
        before = None if slot.free else contents(observer)
        answer = attempt(driver, slot.operation, **{**slot.arguments, slot.argument: text})
        if isinstance(answer, Refused) and before is not None:
            expect_same_contents(before, contents(observer), f"{_shown(text)} as {slot.name}")
        elif not isinstance(answer, Accepted):
            raise Violation(
                expected=f"{_shown(text)} as {slot.name} is stored", actual=told(answer)
            )
        else:
            _expect_stored(observer, slot, text)


def _expect_zero_refused(
    driver: Driver, observer: psycopg.Connection[Any], implementation: Implementation
) -> None:
    for place, slot in enumerate(slots(0)):
        if slot.operation in implementation.claims:
            slot = slots(50 + place)[place]
            _prepare(driver, slot)
            arguments = {**slot.arguments, slot.argument: "before\0after"}
            what = f"U+0000 in {slot.name}"
            expect_rejected(driver, observer, what, slot.operation, **arguments)


def _prepare(driver: Driver, slot: Slot) -> None:
    for operation, arguments in slot.before:
        ask(driver, operation, **arguments)


def _expect_stored(observer: psycopg.Connection[Any], slot: Slot, text: str) -> None:
    if not rows_of(observer, slot.table, **{slot.column: text}):
        raise Violation(
            expected=f"{_shown(text)} as {slot.name} is in {slot.table}.{slot.column} as given",
            actual="no row has it",
        )


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:20]!r}… ({len(text)} characters)"
