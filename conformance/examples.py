"""Draws example values from a strategy: the same for the same seed, plain ones first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis import strategies as st

from pytest_chopsticks.run import Run

#: How many examples a profile draws for each one of the default profile.
_TIMES: Mapping[str, float] = {"quick": 0.3, "default": 1.0, "thorough": 20.0}
_T = TypeVar("_T")


def examples(run: Run, strategy: st.SearchStrategy[_T], count: int) -> list[_T]:
    """Return about `count` values, more or fewer as the run's profile says, without repetition.

    They are drawn before anything is judged: an operation that was carried out cannot be tried
    again on the same state, which shrinking would need.
    """
    drawn: dict[str, _T] = {}

    @hypothesis.seed(run.options.seed)
    @hypothesis.settings(
        max_examples=max(1, round(count * _TIMES[run.options.profile])),
        phases=(Phase.generate,),
        deadline=None,
        database=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def draw(value: _T) -> None:
        drawn.setdefault(repr(value), value)

    draw()
    return sorted(drawn.values(), key=lambda value: len(repr(value)))
