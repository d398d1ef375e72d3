"""What happened when operations ran at the same time, as a value that can be told and saved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pytest_chopsticks.economy.calls import Answer, Faulted
from pytest_chopsticks.economy.observation import Holdings
from pytest_chopsticks.economy.story import answer_text, call_text
from pytest_chopsticks.implementations import Accepted

Kind = Literal["accepted", "rejected", "fault"]


@dataclass(frozen=True, slots=True)
class Event:
    """One operation: which driver was asked for what, from when to when, and what it answered.

    Times are in microseconds since the history began.
    """

    driver: int
    operation: str
    arguments: Mapping[str, object]
    began: int
    ended: int
    kind: Kind
    said: str

    def before(self, other: Event) -> bool:
        """Whether it had been answered before the other was asked."""
        return self.ended < other.began

    def had_effect_before(self, other: Event) -> bool:
        """Whether its effect came before the other's. That of a fault may come at any later time:
        a server goes on with what it was asked when the asker is gone."""
        return self.kind != "fault" and self.before(other)


@dataclass(frozen=True, slots=True)
class History:
    """Operations on some wallets that nobody else used meanwhile; `names` are for telling."""

    seed: int
    names: Mapping[str, str]
    initial: Mapping[str, Holdings]
    events: tuple[Event, ...]
    final: Mapping[str, Holdings]

    def tell(self) -> str:
        """The whole history, an operation a line, in the order in which they began."""
        return "\n".join((*self._lines(), *self._states()))

    def label(self, event: Event) -> str:
        """What to call one of its operations."""
        # By identity: two drivers may have done the very same in the same microseconds.
        number = next(n for n, one in enumerate(self.events, 1) if one is event)
        return f"#{number}"

    def save(self, directory: Path, name: str) -> Path:
        """Write it down as JSON; returns the file."""
        path = directory / f"{name}.json"
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), "utf-8")
        return path

    @classmethod
    def load(cls, path: Path) -> History:
        """Read what `save` wrote."""
        saved = json.loads(path.read_text("utf-8"))
        states = {
            when: {user: Holdings(**held) for user, held in saved[when].items()}
            for when in ("initial", "final")
        }
        events = tuple(Event(**event) for event in saved["events"])
        return cls(saved["seed"], saved["names"], states["initial"], events, states["final"])

    def _lines(self) -> Iterator[str]:
        for event in self.events:
            call = call_text(event.operation, event.arguments, self.names)
            took = f"{event.began / 1000:.1f} to {event.ended / 1000:.1f} ms"
            yield (
                f"  {self.label(event)} driver {event.driver}, {took}:"
                f" {call} → {event.said}{self._overlapping(event)}"
            )

    def _overlapping(self, event: Event) -> str:
        others = [
            self.label(other)
            for other in self.events
            if other is not event and not event.before(other) and not other.before(event)
        ]
        return f" (while {', '.join(others)})" if others else ""

    def _states(self) -> Iterator[str]:
        for when, state in (("before", self.initial), ("after", self.final)):
            held = (
                f"{self.names.get(user, user)} has balance {one.balance}, bank {one.bank}"
                for user, one in sorted(state.items())
            )
            yield f"  {when}: {'; '.join(held)}"


def kind_of(answer: Answer) -> tuple[Kind, str]:
    """Sort an answer, and say it in a few words."""
    if isinstance(answer, Accepted):
        return "accepted", "accepted"
    return ("fault" if isinstance(answer, Faulted) else "rejected"), answer_text(answer)


def in_order_of_beginning(events: Sequence[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: event.began))
