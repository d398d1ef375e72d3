"""From `chopsticks.toml` to an implementation that can be asked to do things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_chopsticks.errors import ConfigurationError
from pytest_chopsticks.implementations.combined_implementation import CombinedImplementation
from pytest_chopsticks.implementations.command_implementation import CommandImplementation
from pytest_chopsticks.implementations.implementation import DEFAULT_TIME_LIMIT_S
from pytest_chopsticks.implementations.placeholders import check_placeholders
from pytest_chopsticks.implementations.python_implementation import PythonImplementation
from pytest_chopsticks.implementations.token_key import new_token_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_chopsticks.implementations.implementation import Implementation
    from pytest_chopsticks.implementations.target import Target
    from pytest_chopsticks.implementations.token_key import TokenKey


def load_implementation(
    target: Target,
    *,
    token_keys: Sequence[TokenKey] | None = None,
    time_limit: float = DEFAULT_TIME_LIMIT_S,
) -> Implementation:
    """The implementation that `target` describes, with one fresh token key unless some are given.

    With both `migrate` and `python`, the command migrates and the driver does the rest.
    `time_limit` (seconds) is for each run of a command. Raises ConfigurationError when a
    placeholder is unknown, the Python class cannot be had, or only `command` is given.
    """
    check_placeholders(target)
    keys = (new_token_key(),) if token_keys is None else tuple(token_keys)
    command = CommandImplementation(target, keys, time_limit) if target.migrate else None
    driver = PythonImplementation(target, keys) if target.python else None
    if command and driver:
        return CombinedImplementation(command, driver)
    implementation = command or driver
    if implementation is None:
        raise ConfigurationError(
            f"{target.path}: only [implementation] command is given, and this release runs no "
            "JSON-RPC drivers yet",
            hint='Add migrate = "a command that makes the schema", or python = "module:Class".',
        )
    return implementation
