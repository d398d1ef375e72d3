"""What went wrong on the wire, before it is known during which call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_chopsticks.implementations.faults import DriverFault


class Failure(Exception):
    """Which fault it is, and the facts that its wording asks for."""

    def __init__(self, fault: type[DriverFault], **facts: object) -> None:
        super().__init__(fault, facts)
        self.fault = fault
        self.facts = facts

    def again(self) -> Failure:
        """The same, to be raised in another thread."""
        return Failure(self.fault, **self.facts)
