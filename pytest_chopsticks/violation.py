"""How a test of the suite says that a requirement is not met."""

from __future__ import annotations


class Violation(AssertionError):
    """A requirement is not met: what was expected, and what was seen instead.

    It is the requirement of the running test, unless `requirement` is the id of another one that
    is watched over whichever test runs. Anything else that a test of the suite raises is the
    suite's own trouble, an `error`.
    """

    def __init__(self, *, expected: str, actual: str, requirement: str | None = None) -> None:
        super().__init__(expected, actual)
        self.expected = expected
        self.actual = actual
        self.requirement = requirement

    def __str__(self) -> str:
        return f"Expected: {self.expected}\nActual:   {self.actual}"
