"""The operations of the contract, as typed data."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_chopsticks.implementations.operations.catalogue import CATALOGUE
from pytest_chopsticks.implementations.operations.operation import (
    Argument,
    Operation,
    ResultField,
)

__all__ = [
    "CATALOGUE",
    "OPERATIONS",
    "OPERATIONS_BY_NAME",
    "Argument",
    "Operation",
    "ResultField",
]

OPERATIONS_BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in CATALOGUE}

#: The names that an implementation can claim.
OPERATIONS: frozenset[str] = frozenset(OPERATIONS_BY_NAME)
