"""A call of an operation, as messages show it."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_chopsticks.implementations.operations import OPERATIONS_BY_NAME
from pytest_chopsticks.implementations.redaction import MASK


@dataclass(frozen=True, slots=True)
class Called:
    """A call as it may be shown: secret arguments masked, long ones shortened."""

    operation: str
    arguments: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.operation not in OPERATIONS_BY_NAME:
            return self.operation
        known = OPERATIONS_BY_NAME[self.operation]
        secret = {argument.name for argument in known.arguments if argument.secret}
        shown = (
            f"{name}={MASK if name in secret else _SHORT.repr(value)}"
            for name, value in self.arguments.items()
        )
        return f"{self.operation}({', '.join(shown)})"


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80
