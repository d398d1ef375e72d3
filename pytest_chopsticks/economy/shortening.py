"""Makes a story short: leaves out every step, and plays down every value, that it can do without.

Hypothesis would shrink the choices that drew the story, which takes hundreds of attempts; the
steps themselves need some dozens, each one a story of its own for users of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pytest_chopsticks.economy.findings import InvariantBroken
from pytest_chopsticks.economy.trial import Trial

_PLAIN: dict[str, tuple[object, ...]] = {"amount": (1, 10, 100), "reason": ("daily",)}
_MOST_ATTEMPTS = 150

Action: TypeAlias = tuple[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Told:
    """A story that ends badly, and what was done in it; users are numbers."""

    broken: InvariantBroken
    actions: tuple[Action, ...]


def told(broken: InvariantBroken, trial: Trial) -> Told:
    """Take down what was done, for it to be done again by other users."""
    numbers: dict[object, int] = {user: number for number, user in enumerate(trial.users)}

    def number(value: object) -> object:
        return _User(numbers[value]) if isinstance(value, str) and value in numbers else value

    actions = (
        (step.operation, {name: number(value) for name, value in step.arguments.items()})
        for step in trial.steps
    )
    return Told(broken, tuple(actions))


def shorten(story: Told, new_trial: Callable[[], Trial]) -> InvariantBroken:
    """Return the shortest story found that breaks the same invariant.

    One that does not break it again is returned as it is, with a note that says so.
    """
    current = _again(story.actions, story, new_trial)
    if current is None:
        story.broken.add_note("The same operations did not break it again: it depends on chance.")
        return story.broken
    attempts = 0
    improved = True
    while improved and attempts < _MOST_ATTEMPTS:
        improved = False
        for actions in _simpler(current.actions):
            attempts += 1
            if found := _again(actions, story, new_trial):
                current, improved = found, True
                break
    return current.broken


@dataclass(frozen=True, slots=True)
class _User:
    number: int


def _simpler(actions: Sequence[Action]) -> Iterator[tuple[Action, ...]]:
    """Larger cuts first; the last step is the one that breaks it."""
    size = len(actions) // 2
    while size:
        for start in range(0, len(actions) - size, size):
            yield (*actions[:start], *actions[start + size :])
        size //= 2
    for index, (operation, arguments) in enumerate(actions):
        for name, plain in _PLAIN.items():
            for value in _plainer(arguments.get(name), plain):
                changed = (operation, {**arguments, name: value})
                yield (*actions[:index], changed, *actions[index + 1 :])


def _plainer(value: object, plain: Sequence[object]) -> Sequence[object]:
    """The values that are plainer than this one, plainest first."""
    if value is None:
        return ()
    return plain[: plain.index(value)] if value in plain else plain


def _again(actions: Sequence[Action], story: Told, new_trial: Callable[[], Trial]) -> Told | None:
    trial = new_trial()
    try:
        for operation, arguments in actions:
            trial.perform(operation, **{k: _id(v, trial) for k, v in arguments.items()})
    except InvariantBroken as broken:
        same = broken.finding.invariant == story.broken.finding.invariant
        return told(broken, trial) if same else None
    except Exception:  # noqa: BLE001
        # Another story, and not this one's: an operation that broke.
        return None
    return None


def _id(value: object, trial: Trial) -> object:
    return trial.users[value.number] if isinstance(value, _User) else value
