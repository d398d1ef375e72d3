"""All that it takes to start a driver, and to tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.implementations.command import command_environment
from pytest_chopsticks.implementations.jsonrpc.handshake import initialize_params
from pytest_chopsticks.implementations.placeholders import (
    fill_command,
    fill_env,
    placeholder_values,
)
from pytest_chopsticks.implementations.redaction import LearntSecrets, Redaction, redactor_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.target import Target
    from pytest_chopsticks.implementations.token_key import TokenKey


@dataclass(frozen=True, slots=True)
class Launch:
    """The command with its values in place, and what `initialize` is sent."""

    command: str = field(repr=False)
    directory: Path
    env: Mapping[str, str] = field(repr=False)
    params: Mapping[str, Any] = field(repr=False)
    redaction: Redaction

    @property
    def shown(self) -> str:
        """The command as it may be shown."""
        return f"`{self.redaction.redact(self.command)}`, run in {self.directory}"


def prepare_launch(
    target: Target,
    database: ImplementationDatabase,
    token_keys: Sequence[TokenKey],
    learnt: LearntSecrets,
    migrations: Path | None = None,
) -> Launch:
    """How the target's `command` is started for `database`."""
    values = placeholder_values(database, migrations or target.migrations, token_keys)
    return Launch(
        command=fill_command(target.command or "", values),
        directory=target.root,
        env=command_environment(database.env, fill_env(target.env, values)),
        params=initialize_params(database, token_keys),
        redaction=Redaction(redactor_for(database, token_keys), learnt),
    )
