"""Area `text`: text is data, whatever it looks like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks import strategies
from pytest_chopsticks.implementations import Accepted, Driver, Implementation, Refused
from pytest_chopsticks.requirements import checks, not_claimed
from pytest_chopsticks.run import Run
from pytest_chopsticks.violation import Violation

from .agent_registration import make_pools, registration
from .answers import ask, attempt, expect_refusal, expect_rejected, told
from .examples import examples
from .table_rows import Contents, contents, expect_same_contents
from .text_slots import Calls, Lookup, Slot, bystanders, lookups, slots

_SHOWN = 80
_ALWAYS = (
    "'; DROP TABLE user_wallets; --",
    "x' OR 'x' = 'x",
    "double \" and single ' quotes, back\\slash, %s $1 {0}",
    "Ünïcödé ✓ 日本語 🐉 e\u0301 \u202eright to left",
    "very long " * 1_000,
)
#: What matches anything, where it is taken for a pattern.
_PATTERNS = ("%", ".*")
_WITH_ZERO = "before\0after"
#: A bystander's number, which no slot has.
_BYSTANDER = 40


@checks("text.literal")
def test_literal(
    driver: Driver, observer: psycopg.Connection[Any], implementation: Implementation, run: Run
) -> None:
    desk = _Desk(driver, observer, implementation)
    if not any(desk.claims(slot) for slot in slots(0)):
        not_claimed("no operation that stores a text")
    make_pools(observer)
    desk.perform(bystanders(_BYSTANDER))
    for text in (*_ALWAYS, *_PATTERNS):
        desk.look_up_everywhere(text)
    drawn = examples(run, strategies.hostile_text(), 8)
    for number, text in enumerate(dict.fromkeys([*_ALWAYS, *drawn])):
        desk.store_everywhere(number, text)
    desk.expect_zero_refused()


@dataclass(frozen=True, slots=True)
class _Desk:
    """Hands texts to the implementation, and sees what becomes of them."""

    driver: Driver
    observer: psycopg.Connection[Any]
    implementation: Implementation

    def claims(self, one: Slot | Lookup) -> bool:
        """Whether it can be tried: what it needs beforehand is claimed as well."""
        before = one.before if isinstance(one, Slot) else ()
        needed = {one.operation, *(operation for operation, _ in before)}
        return needed <= self.implementation.claims

    def perform(self, calls: Calls) -> dict[str, Any]:
        """Carry out those that are claimed, which have to be accepted; the last one's answer."""
        answer: dict[str, Any] = {}
        for operation, arguments in calls:
            if operation in self.implementation.claims:
                answer = dict(ask(self.driver, operation, **arguments))
        return answer

    def store_everywhere(self, round_: int, text: str) -> None:
        """Give one text to every argument, each time with other things around it."""
        for slot in self._slots(100 * (round_ + 1)):
            arguments = self._arguments(slot, text)
            before = None if slot.free else contents(self.observer)
            there = _rows_with(self.observer, slot, text)
            answer = attempt(self.driver, slot.operation, **arguments)
            if isinstance(answer, Refused) and before is not None:
                what = f"{_shown(text)} as {slot.name}"
                expect_same_contents(before, contents(self.observer), what)
            elif not isinstance(answer, Accepted):
                raise Violation(
                    expected=f"{_shown(text)} as {slot.name} is stored", actual=told(answer)
                )
            elif not _rows_with(self.observer, slot, text) - there:
                raise Violation(
                    expected=f"{_shown(text)} as {slot.name} is in"
                    f" {slot.table}.{slot.column} as given",
                    actual="no row has it",
                )

    def look_up_everywhere(self, text: str) -> None:
        """Ask for what has this text as its name: nobody has."""
        before = contents(self.observer)
        for lookup in filter(self.claims, lookups(_BYSTANDER)):
            self._look_up(lookup, text, before)

    def expect_zero_refused(self) -> None:
        for slot in self._slots(50):
            arguments = self._arguments(slot, _WITH_ZERO)
            what = f"U+0000 in {slot.name}"
            expect_rejected(self.driver, self.observer, what, slot.operation, **arguments)
        if "agents.register" in self.implementation.claims:
            arguments = registration(99, token=_WITH_ZERO)
            what = "U+0000 in token of agents.register"
            expect_rejected(self.driver, self.observer, what, "agents.register", **arguments)
        self.look_up_everywhere(_WITH_ZERO)

    def _slots(self, first: int) -> Iterable[Slot]:
        for place, slot in enumerate(slots(0)):
            if self.claims(slot):
                yield slots(first + place)[place]

    def _arguments(self, slot: Slot, text: str) -> dict[str, Any]:
        answer = self.perform(slot.before)
        taken = {slot.takes: answer[slot.takes]} if slot.takes else {}
        return {**slot.arguments, **taken, slot.argument: slot.filled(text)}

    def _look_up(self, lookup: Lookup, text: str, before: Contents) -> None:
        what = f"{lookup.operation} with {_shown(text)} as {lookup.argument}"
        arguments = {**lookup.arguments, lookup.argument: text}
        answer = attempt(self.driver, lookup.operation, **arguments)
        if lookup.refused or not isinstance(answer, Accepted):
            expect_refusal(answer, what)
        elif lookup.operation == "settings.get" and _rev(answer):
            raise Violation(expected=f"{what} finds nothing", actual="it finds another guild's")
        expect_same_contents(before, contents(self.observer), what)


def _rev(answer: Accepted) -> object:
    return answer.result.get("rev") if isinstance(answer.result, dict) else None


def _rows_with(observer: psycopg.Connection[Any], slot: Slot, text: str) -> set[tuple[Any, ...]]:
    """The versions of the rows that have the text where it belongs."""
    column = sql.Identifier(slot.column)
    value = sql.SQL("{} ->> {}").format(column, sql.Literal(slot.key)) if slot.key else column
    query = sql.SQL("SELECT ctid::text, xmin::text FROM {} WHERE {} = %s")
    return set(observer.execute(query.format(sql.Identifier(slot.table), value), [text]))


def _shown(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:20]!r}… ({len(text)} characters)"
