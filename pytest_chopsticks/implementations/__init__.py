"""Implementations under test: `chopsticks.toml`, and what the suite can ask of them."""

from pytest_chopsticks.implementations.database_address import ImplementationDatabase
from pytest_chopsticks.implementations.implementation import (
    Accepted,
    Clock,
    Driver,
    Implementation,
    KillableDriver,
    Outcome,
    Refused,
)
from pytest_chopsticks.implementations.loading import load_implementation
from pytest_chopsticks.implementations.operations import OPERATIONS
from pytest_chopsticks.implementations.target import Target, find_target, load_target
from pytest_chopsticks.implementations.token_key import TokenKey, new_token_key

__all__ = [
    "OPERATIONS",
    "Accepted",
    "Clock",
    "Driver",
    "Implementation",
    "ImplementationDatabase",
    "KillableDriver",
    "Outcome",
    "Refused",
    "Target",
    "TokenKey",
    "find_target",
    "load_implementation",
    "load_target",
    "new_token_key",
]
