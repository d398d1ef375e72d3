"""Looks for an order of concurrent operations that explains everything that was observed.

Linearisability of a history, after Wing and Gong: an operation may come next when no other that
is still left had ended before it began. States reached twice are not searched twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pytest_chopsticks.economy.expectations import effect, expect
from pytest_chopsticks.economy.observation import NOTHING, Holdings

from .histories import Event, History

#: States looked at before giving up: some seconds, and far more than a dozen operations need.
MOST_STATES = 200_000

_State = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """There is such an order."""

    order: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Unexplained:
    """There is none: how far it goes at best, and why none of the rest can come next."""

    longest: tuple[Event, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Too many orders to try them all."""

    states: int


def find_order(
    history: History, *, most_states: int = MOST_STATES
) -> Explained | Unexplained | GaveUp:
    """Search all orders that agree with what had ended before what began.

    An accepted operation has to be possible and has its effect; a rejected one has to be one that
    may be rejected at that point; one with a fault has its effect or none. At the end balance and
    bank of everyone are what the tables say.
    """
    search = _Search(history, most_states)
    found = search.continue_from((), dict(history.initial))
    if found is not None:
        return Explained(found)
    if search.states > most_states:
        return GaveUp(most_states)
    return Unexplained(search.longest, search.reasons)


@dataclass(slots=True)
class _Search:
    history: History
    most_states: int
    states: int = 0
    longest: tuple[Event, ...] = ()
    reasons: tuple[str, ...] = ()
    _seen: set[tuple[frozenset[int], _State]] = field(default_factory=set)

    def continue_from(
        self, order: tuple[Event, ...], wallets: dict[str, Holdings]
    ) -> tuple[Event, ...] | None:
        self.states += 1
        if self.states > self.most_states or self._known(order, wallets):
            return None
        done = {id(event) for event in order}
        left = [event for event in self.history.events if id(event) not in done]
        if not left and (wrong := self._wrong_at_end(wallets)) is None:
            return order
        reasons = [] if left else [wrong or ""]
        for event in left:
            if any(other.had_effect_before(event) for other in left):
                continue
            for after in _possible(event, wallets, reasons, self.history):
                if found := self.continue_from((*order, event), after):
                    return found
        if len(order) >= len(self.longest):
            self.longest, self.reasons = order, tuple(reasons)
        return None

    def _known(self, order: tuple[Event, ...], wallets: Mapping[str, Holdings]) -> bool:
        done = frozenset(map(id, order))
        held = tuple((user, one.balance, one.bank) for user, one in sorted(wallets.items()))
        known = (done, held) in self._seen
        self._seen.add((done, held))
        return known

    def _wrong_at_end(self, wallets: Mapping[str, Holdings]) -> str | None:
        for user in sorted(wallets.keys() | self.history.final.keys()):
            reached = wallets.get(user, NOTHING)
            found = self.history.final.get(user, NOTHING)
            if (reached.balance, reached.bank) != (found.balance, found.bank):
                name = self.history.names.get(user, user)
                return (
                    f"{name} would have balance {reached.balance} and bank {reached.bank},"
                    f" and has {found.balance} and {found.bank}"
                )
        return None


def _possible(
    event: Event, wallets: dict[str, Holdings], reasons: list[str], history: History
) -> Iterator[dict[str, Holdings]]:
    """Yield the wallets after the event, if it can come now; else say why not."""
    expected = expect(event.operation, event.arguments, wallets)
    label = history.label(event)
    if event.kind == "accepted" and expected.must == "reject":
        reasons.append(f"{label} was accepted, but {expected.why}")
    elif event.kind == "rejected" and expected.must == "accept":
        reasons.append(f"{label} was rejected, but {expected.why}")
    elif event.kind != "accepted":
        yield wallets
    if event.kind != "rejected" and expected.must != "reject":
        yield _after(event, wallets)


def _after(event: Event, wallets: dict[str, Holdings]) -> dict[str, Holdings]:
    changed = {
        user: replace(wallets.get(user, NOTHING), balance=balance, bank=bank)
        for user, (balance, bank) in effect(event.operation, event.arguments, wallets).items()
    }
    return wallets | changed
