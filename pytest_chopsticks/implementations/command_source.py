"""A command as the source of a database's pristine state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_chopsticks.databases import Database
from pytest_chopsticks.databases.fingerprints import digest, digest_of_files, input_files
from pytest_chopsticks.errors import DatabaseUnavailable
from pytest_chopsticks.implementations.command import (
    CommandResult,
    command_environment,
    run_command,
)
from pytest_chopsticks.implementations.redaction import Redactor

#: How many of the last lines that a failed command wrote its error shows.
SHOWN_LINES = 30


@dataclass(frozen=True, slots=True)
class Command:
    """Runs a shell command in pytest's root directory, such as `npm run migrate`.

    It finds the empty database by DATABASE_URL, POSTGRES_URL or the PG* variables; `env` comes on
    top. It may take `time_limit` seconds. `inputs` are patterns of the files that decide what it
    builds. With them a later run uses what this one has built, as long as neither they nor the
    command change; without them the command is run in every run.
    """

    command: str
    inputs: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    time_limit: float = 60.0
    root: Path = Path()

    @property
    def fingerprint(self) -> str:
        files = input_files(self.root, self.inputs)
        environment = repr(sorted(self.env.items()))
        return digest("command", self.command, environment, digest_of_files(files))

    @property
    def lasting(self) -> bool:
        return bool(self.inputs)

    def below(self, root: Path) -> Command:
        return replace(self, root=root / self.root)

    def build(self, database: Database) -> None:
        """Raises `DatabaseUnavailable`, with the command's output, when it fails or hangs."""
        result = run_command(
            self.command,
            cwd=self.root,
            env=command_environment(database.env, self.env),
            time_limit=self.time_limit,
            redactor=Redactor((database.password,)),
        )
        expect_success(result, self.root, self.time_limit)


def expect_success(result: CommandResult, root: Path, time_limit: float) -> None:
    """Raises `DatabaseUnavailable` for a command that ended otherwise than with status 0."""
    if result.exit_status == 0 and not result.timed_out:
        return
    how = f"ended with exit status {result.exit_status}"
    if result.timed_out:
        how = f"did not end within {time_limit:g} s and was stopped"
    lines = result.output.splitlines()[-SHOWN_LINES:]
    output = "".join(f"\n    {line}" for line in lines) or " (none)"
    raise DatabaseUnavailable(
        f"`{result.command}`, run in {root}, {how}; its output:{output}",
        hint="Run it by hand on an empty database; it finds ours by DATABASE_URL.",
    )
