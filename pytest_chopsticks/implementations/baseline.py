"""`baseline`: what an implementation makes of an empty database before its first migration file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.databases import EMPTY, Template
from pytest_chopsticks.databases.fingerprints import digest
from pytest_chopsticks.errors import DatabaseUnavailable, ImplementationFault
from pytest_chopsticks.implementations.command import command_environment, run_command
from pytest_chopsticks.implementations.command_source import expect_success
from pytest_chopsticks.implementations.implementation import DEFAULT_TIME_LIMIT_S
from pytest_chopsticks.implementations.placeholders import (
    fill_command,
    fill_env,
    placeholder_values,
)
from pytest_chopsticks.implementations.redaction import redactor_for
from pytest_chopsticks.implementations.target_inputs import inputs_of
from pytest_chopsticks.implementations.token_key import new_token_key

if TYPE_CHECKING:
    from pytest_chopsticks.databases import Database, DatabaseProvider
    from pytest_chopsticks.implementations.target import Target


def lay_baseline(
    target: Target, database: Database, time_limit: float = DEFAULT_TIME_LIMIT_S
) -> None:
    """Run the target's `baseline` command, if it has one, on the empty `database`.

    Raises ImplementationFault, with the command's output, when it fails or hangs.
    """
    if target.baseline is None:
        return
    keys = (new_token_key(),)
    values = placeholder_values(database, target.migrations, keys)
    result = run_command(
        fill_command(target.baseline, values),
        cwd=target.root,
        env=command_environment(database.env, fill_env(target.env, values)),
        time_limit=time_limit,
        redactor=redactor_for(database, keys),
    )
    try:
        expect_success(result, target.root, time_limit)
    except DatabaseUnavailable as error:
        raise ImplementationFault(
            f"{target.path}: [implementation] baseline: {error.message}",
            hint="Nothing can be migrated before it works: run it by hand on an empty database.",
        ) from None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The state before the first migration file, as the source of a template."""

    target: Target
    time_limit: float = DEFAULT_TIME_LIMIT_S

    @property
    def fingerprint(self) -> str:
        inputs = inputs_of(self.target) or "unknown"
        return digest("baseline", str(self.target.baseline), str(self.target.root), inputs)

    @property
    def lasting(self) -> bool:
        return inputs_of(self.target) is not None

    def build(self, database: Database) -> None:
        """Raises ImplementationFault when the command fails."""
        lay_baseline(self.target, database, self.time_limit)


def beginning_of(
    target: Target, databases: DatabaseProvider, time_limit: float = DEFAULT_TIME_LIMIT_S
) -> Template:
    """What the first migration finds: nothing, or what the target's `baseline` makes, laid once.

    Raises ImplementationFault when the command fails.
    """
    if target.baseline is None:
        return EMPTY
    return databases.template(Baseline(target, time_limit))
