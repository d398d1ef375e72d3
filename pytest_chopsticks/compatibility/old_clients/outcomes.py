"""What became of statements, in a form that can be compared with another run of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pytest_chopsticks.compatibility.contents.attempts import Answer, Pairs
from pytest_chopsticks.compatibility.contents.secret_columns import HIDDEN
from pytest_chopsticks.compatibility.old_clients.old_statement import OldStatement

NOW = "now"
FRESH_NUMBER = "a number, another each time"
FRESH_VALUE = "a text, another each time"

_A_MINUTE = timedelta(minutes=1)
_UNITS = (1, 1_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a statement did.

    Refused with an SQLSTATE, at `stage`, or so many rows touched or returned, and what was visible
    afterwards. `prepared` counts the rows that each preparation wrote. Times of the statement are
    `NOW`, values of sequences are `FRESH_NUMBER`.
    """

    statement: OldStatement
    stage: str
    sqlstate: str | None
    message: str
    row_count: int
    prepared: tuple[int, ...]
    returned: tuple[Pairs, ...]
    visible: tuple[Pairs, ...]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Of each statement, and the defaults of columns, as (table, column), at that time."""

    outcomes: tuple[Outcome, ...]
    defaults: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Span:
    """The time during which statements ran."""

    start: datetime
    end: datetime

    def contains(self, value: Any) -> bool:
        """Whether a text or a number is a time of this span, give or take a minute."""
        if isinstance(value, str) and value[:2] == "20" and value[10:11] == "T":
            return self._around(_parsed(value))
        if isinstance(value, int) and not isinstance(value, bool):
            seconds = (value / unit for unit in _UNITS)
            return any(self._around_seconds(number) for number in seconds)
        return False

    def _around(self, time: datetime | None) -> bool:
        return time is not None and self.start - _A_MINUTE < time < self.end + _A_MINUTE

    def _around_seconds(self, number: float) -> bool:
        return self.start.timestamp() - 60 < number < self.end.timestamp() + 60


def outcome(statement: OldStatement, answer: Answer, span: Span) -> Outcome:
    return Outcome(
        statement,
        answer.stage,
        answer.sqlstate,
        _without_secrets(answer.message or "", statement),
        answer.row_count if answer.sqlstate is None else 0,
        answer.prepared,
        tuple(_comparable(row, statement, span) for row in answer.returned),
        tuple(_comparable(row, statement, span) for row in answer.visible),
    )


def _comparable(row: Pairs, statement: OldStatement, span: Span) -> Pairs:
    return tuple((name, _value(name, value, statement, span)) for name, value in row)


def _value(name: str, value: Any, statement: OldStatement, span: Span) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if span.contains(value):
        return NOW
    if name in statement.varying:
        return FRESH_VALUE if isinstance(value, str) else FRESH_NUMBER
    return value


def _parsed(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _without_secrets(message: str, statement: OldStatement) -> str:
    for secret in sorted(statement.secrets, key=len, reverse=True):
        message = message.replace(secret, HIDDEN)
    return message.strip()
