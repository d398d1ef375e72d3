"""What is wrong, as a value, and as the exception that tells its story."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


def broken_invariant(name: str, user: str | None, seen: int, other: int) -> Finding:
    """Return the finding that two numbers, of a user or of all, do not go together."""
    expected, actual = _PROSE[name](user, seen, other)
    return Finding(name, expected, actual)


def _conservation(_: str | None, held: int, logged: int) -> tuple[str, str]:
    return (
        f"all wallets together hold {logged}: the log's credits minus its debits",
        f"balance + bank over all wallets is {held}",
    )


def _replay(user: str | None, held: int, logged: int) -> tuple[str, str]:
    return (
        f"replaying transaction_log gives the balance + bank of {user}",
        f"replayed it is {logged}, in user_wallets it is {held}",
    )


def _never_negative(user: str | None, balance: int, bank: int) -> tuple[str, str]:
    return f"balance and bank of {user} ≥ 0", f"balance {balance}, bank {bank}"


def _within_capacity(user: str | None, bank: int, capacity: int) -> tuple[str, str]:
    return f"the bank of {user} holds at most its bank_capacity, {capacity}", f"it holds {bank}"


def _totals(_: str | None, totals: int, held: int) -> tuple[str, str]:
    return (
        f"over all wallets, total_earned − total_spent = balance + bank, {held}",
        f"total_earned − total_spent is {totals}",
    )


_PROSE: Mapping[str, Callable[[str | None, int, int], tuple[str, str]]] = {
    CONSERVATION: _conservation,
    REPLAY: _replay,
    NEVER_NEGATIVE: _never_negative,
    WITHIN_CAPACITY: _within_capacity,
    TOTALS: _totals,
}
