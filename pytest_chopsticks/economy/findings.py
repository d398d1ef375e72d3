"""What is wrong, as a value, and as the exception that tells its story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_chopsticks.violation import Violation

CONSERVATION = "economy.conservation"
REPLAY = "economy.replay"
ONE_ROW = "economy.one-row-per-movement"
APPEND_ONLY = "economy.log-append-only"
NEVER_NEGATIVE = "economy.never-negative"
WITHIN_CAPACITY = "economy.bank-within-capacity"
TOTALS = "economy.totals"
REJECTIONS = "economy.rejections-leave-no-trace"
OVERFLOW = "economy.overflow"

INVARIANTS = (
    CONSERVATION,
    REPLAY,
    ONE_ROW,
    APPEND_ONLY,
    NEVER_NEGATIVE,
    WITHIN_CAPACITY,
    TOTALS,
    REJECTIONS,
    OVERFLOW,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant that does not hold: its name, what it says of this case, what was seen."""

    invariant: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"{self.invariant}: expected {self.expected}; actually {self.actual}"


class InvariantBroken(Violation):
    """An operation broke an invariant; `story` has the steps that led there."""

    def __init__(self, finding: Finding, story: Sequence[str], reproduce: str | None) -> None:
        super().__init__(expected=finding.expected, actual=finding.actual)
        self.finding = finding
        self.story = tuple(story)
        self.reproduce = reproduce

    def __str__(self) -> str:
        lines = [super().__str__(), "Story:", *self.story]
        if self.reproduce:
            lines.append(f"Reproduce: {self.reproduce}")
        return "\n".join(lines)
