"""From `chopsticks.toml` to an implementation that can be asked to do things."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.implementations.combined_implementation import CombinedImplementation
from pytest_chopsticks.implementations.command_implementation import CommandImplementation
from pytest_chopsticks.implementations.implementation import DEFAULT_TIME_LIMIT_S
from pytest_chopsticks.implementations.jsonrpc.implementation import (
    JsonRpcImplementation,
    ScratchDatabase,
)
from pytest_chopsticks.implementations.placeholders import check_placeholders
from pytest_chopsticks.implementations.python_implementation import PythonImplementation
from pytest_chopsticks.implementations.token_key import new_token_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_chopsticks.implementations.implementation import Implementation
    from pytest_chopsticks.implementations.target import Target
    from pytest_chopsticks.implementations.token_key import TokenKey


def no_scratch_database() -> NoReturn:
    """Raises ConfigurationError: nobody said where an empty database can be had."""
    raise ConfigurationError(
        "a driver tells what it claims only when it is started, which takes a database",
        hint="Pass scratch_database, for example DatabaseProvider.empty.",
    )


def load_implementation(
    target: Target,
    *,
    token_keys: Sequence[TokenKey] | None = None,
    time_limit: float = DEFAULT_TIME_LIMIT_S,
    scratch_database: ScratchDatabase = no_scratch_database,
) -> Implementation:
    """The implementation that `target` describes, with one fresh token key unless some are given.

    With `migrate` and a driver (`python`, or else `command`), the command migrates and the driver
    does the rest. `time_limit` (seconds) is for each run of a command and each answer of a driver.
    `scratch_database` lends an empty database, on which a driver is asked what it claims. Raises
    ConfigurationError when a placeholder is unknown or the Python class cannot be had.
    """
    check_placeholders(target)
    keys = (new_token_key(),) if token_keys is None else tuple(token_keys)
    command = CommandImplementation(target, keys, time_limit) if target.migrate else None
    driver = _driver(target, keys, time_limit, scratch_database)
    if command and driver:
        return CombinedImplementation(command, driver)
    implementation = command or driver
    if implementation is None:
        raise ConfigurationError(
            f"{target.path}: none of [implementation] migrate, python and command is given",
            hint='Add migrate = "a command that makes the schema", or python = "module:Class".',
        )
    return implementation


def _driver(
    target: Target,
    keys: tuple[TokenKey, ...],
    time_limit: float,
    scratch_database: ScratchDatabase,
) -> Implementation | None:
    if target.python:
        return PythonImplementation(target, keys)
    if target.command:
        return JsonRpcImplementation(target, keys, scratch_database, time_limit)
    return None
