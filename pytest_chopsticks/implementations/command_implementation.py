"""An implementation that is a `migrate` command."""

from __future__ import annotations

import signal
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import faults
from pytest_chopsticks.implementations.called import Called
from pytest_chopsticks.implementations.command import (
    CommandResult,
    RunningCommand,
    command_environment,
    run_command,
)
from pytest_chopsticks.implementations.implementation import (
    DEFAULT_TIME_LIMIT_S,
    Accepted,
    Clock,
    Outcome,
    Refused,
)
from pytest_chopsticks.implementations.placeholders import (
    fill_command,
    fill_env,
    placeholder_values,
    uses_migrations,
)
from pytest_chopsticks.implementations.redaction import Redaction, redactor_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.target import Target
    from pytest_chopsticks.implementations.token_key import TokenKey

_SHOWN_LINES = 20
_NOT_EXECUTABLE, _NOT_FOUND, _KILLED_BY_SIGNAL = 126, 127, 128


@dataclass(frozen=True, slots=True)
class CommandImplementation:
    """Runs the target's `migrate` command, which is all that it claims.

    A command can only refuse by its exit status, so one that is not zero is a refusal without a
    name. One that could not be started, was ended by a signal or ran out of time is a fault.
    """

    target: Target
    token_keys: tuple[TokenKey, ...] = ()
    time_limit: float = DEFAULT_TIME_LIMIT_S
    claims: frozenset[str] = field(default=frozenset({"migrate"}), init=False)
    language: str | None = field(default=None, init=False)
    concurrent: bool = field(default=False, init=False)
    clock: Clock = field(default="wall", init=False)
    reusable_runner: bool = field(default=False, init=False)
    costly_runner: bool = field(default=True, init=False)

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def version(self) -> str | None:
        return self.target.version

    @property
    def takes_migrations(self) -> bool:
        return uses_migrations(self.target)

    def migrate(self, database: ImplementationDatabase, migrations: Path | None = None) -> Outcome:
        self.expect_takes(migrations)
        return self.run(database, migrations)

    def run(
        self,
        database: ImplementationDatabase,
        migrations: Path | None,
        started: Callable[[RunningCommand], None] | None = None,
    ) -> Outcome:
        """Run the command; `started` is told of it."""
        values = placeholder_values(database, migrations or self.target.migrations, self.token_keys)
        result = run_command(
            fill_command(self.target.migrate or "", values),
            cwd=self.target.root,
            env=command_environment(database.env, fill_env(self.target.env, values)),
            time_limit=self.time_limit,
            redactor=redactor_for(database, self.token_keys),
            started=started,
        )
        return self._outcome(result)

    def verify_schema(self, database: ImplementationDatabase) -> Outcome:
        return self.not_claimed(database, "verify_schema")

    @contextmanager
    def open(
        self, database: ImplementationDatabase, token_keys: Sequence[TokenKey] | None = None
    ) -> Iterator[CommandDriver]:
        """Something to call `migrate` on; nothing is run before that."""
        keys = self.token_keys if token_keys is None else tuple(token_keys)
        yield CommandDriver(replace(self, token_keys=keys), database)

    def open_runner(
        self, database: ImplementationDatabase, migrations: Path | None = None
    ) -> AbstractContextManager[CommandDriver]:
        self.expect_takes(migrations)
        return nullcontext(CommandDriver(self, database, migrations))

    def not_claimed(self, database: ImplementationDatabase, operation: str) -> NoReturn:
        """Raises NotClaimed."""
        remedy = "Only a driver (python or command in [implementation]) can claim it."
        redaction = Redaction(redactor_for(database, self.token_keys))
        raise faults.NotClaimed(
            faults.Moment(Called(operation), redaction, self.name), remedy=remedy
        )

    def expect_takes(self, migrations: Path | None) -> None:
        """Raises ImplementationFault when there is no way to have it apply `migrations`."""
        if migrations is not None and not self.takes_migrations:
            raise ImplementationFault(
                f"{self.name}: the migrate command cannot be given another migrations directory",
                hint="Place {migrations} into [implementation] migrate or env.",
            )

    def _outcome(self, result: CommandResult) -> Outcome:
        if result.timed_out:
            raise self._fault(
                result,
                f"did not end within {self.time_limit:g} s and was stopped",
                "Run it by hand: does it wait for input or a lock, or keep a connection open?",
            )
        if signal_name := _signal_of(result.exit_status):
            raise self._fault(
                result, f"was ended by {signal_name}", "It crashed: run it by hand to see where."
            )
        if result.exit_status in (_NOT_EXECUTABLE, _NOT_FOUND):
            raise self._fault(
                result,
                f"could not be run (exit status {result.exit_status})",
                f"Is the program installed, executable and on the PATH, seen from "
                f"{self.target.root}?",
            )
        if result.exit_status != 0:
            message = f"`{result.command}` ended with exit status {result.exit_status}"
            return Refused(None, message, result.output)
        return Accepted(None, result.output)

    def _fault(self, result: CommandResult, what: str, hint: str) -> ImplementationFault:
        lines = result.output.splitlines()[-_SHOWN_LINES:]
        output = "".join(f"\n    {line}" for line in lines) or " (no output)"
        return ImplementationFault(
            f"`{result.command}`, run in {self.target.root}, {what}; its output:{output}", hint=hint
        )


@dataclass(slots=True)
class CommandDriver:
    """`migrate` on one database, by the files in `migrations` unless the call names others."""

    implementation: CommandImplementation
    database: ImplementationDatabase
    migrations: Path | None = None
    _running: RunningCommand | None = field(default=None, init=False)

    def call(self, operation: str, /, **arguments: object) -> Outcome:
        if operation != "migrate":
            self.implementation.not_claimed(self.database, operation)
        migrations = arguments.get("migrations")
        directory = self.migrations if migrations is None else Path(str(migrations))
        self.implementation.expect_takes(directory)
        return self.implementation.run(self.database, directory, self._started)

    def kill(self) -> None:
        """Kill the command that is running, with all of its process group."""
        if self._running is not None:
            self._running.kill()

    def _started(self, running: RunningCommand) -> None:
        self._running = running


def _signal_of(exit_status: int) -> str | None:
    # The shell reports a signal that ended its child as 128 + the signal's number.
    number = -exit_status if exit_status < 0 else exit_status - _KILLED_BY_SIGNAL
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}" if exit_status < 0 else None
