"""An implementation under test, whatever its language: what the suite can ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn, Protocol, TypeAlias, runtime_checkable

from pytest_chopsticks.errors import ImplementationFault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.token_key import TokenKey

DEFAULT_TIME_LIMIT_S = 60.0

_SHOWN_LINES = 20


@dataclass(frozen=True, slots=True)
class Accepted:
    """The operation was carried out.

    `result` is the operation's answer (None for a command); `output` is what was written, logged
    or warned of meanwhile, secrets redacted. `leaked` says that a token or key was among it.
    """

    result: object
    output: str
    leaked: bool = False

    def expect_accepted(self, what: str) -> Accepted:  # noqa: ARG002
        """Itself: `what` was to be done, and was done."""
        return self


@dataclass(frozen=True, slots=True)
class Refused:
    """The implementation said no.

    `rejection` is the contract's name for it, where one was given; `sqlstate` the database's code.
    `leaked` says that the message or the output showed a token or key, which is masked here.
    """

    rejection: str | None
    message: str
    output: str
    sqlstate: str | None = None
    leaked: bool = False

    @property
    def report(self) -> str:
        """All that the implementation said, for requirements that want something reported."""
        return "\n".join(text for text in (self.rejection, self.message, self.output) if text)

    def expect_accepted(self, what: str) -> NoReturn:
        """Raises ImplementationFault, which says what was refused, and how."""
        lines = self.report.splitlines()[-_SHOWN_LINES:]
        raise ImplementationFault(
            f"the implementation refused to {what}:" + "".join(f"\n    {line}" for line in lines),
            hint="Nothing can be judged before this works: try it by hand on an empty database.",
        )


Outcome: TypeAlias = Accepted | Refused
Clock: TypeAlias = Literal["argument", "wall"]


class Driver(Protocol):
    """An implementation at work on one database."""

    def call(self, operation: str, /, **arguments: object) -> Outcome:
        """Carry out an operation of the contract, its arguments by their names.

        The fields of an accepted result are what the operation's types say, whatever way they came:
        integers are `int`, numbers `Decimal`. Raises ImplementationFault for everything that is
        neither a result nor a rejection, and when the operation is not claimed.
        """


@runtime_checkable
class KillableDriver(Driver, Protocol):
    """A driver that is a process of its own."""

    def kill(self) -> None:
        """End the process without asking it; a call that is under way is a fault."""


class Implementation(Protocol):
    """What the suite asks of an implementation.

    Every operation returns an Outcome, and raises ImplementationFault when the implementation
    crashed, hung or did not speak the contract, or when it does not claim the operation.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str | None: ...

    @property
    def language(self) -> str | None: ...

    @property
    def claims(self) -> frozenset[str]:
        """The operations of the contract that this implementation has."""

    @property
    def concurrent(self) -> bool:
        """Whether several threads may call one driver at once."""

    @property
    def clock(self) -> Clock:
        """Whether operations use the time they are given, or the time of day."""

    @property
    def takes_migrations(self) -> bool:
        """Whether `migrate` can be given another directory of migrations."""

    def open(
        self, database: ImplementationDatabase, token_keys: Sequence[TokenKey] | None = None
    ) -> AbstractContextManager[Driver]:
        """A driver for `database`, ended with the context; several may be open at once.

        `token_keys` instead of the implementation's own; an empty sequence means none.
        """

    @property
    def reusable_runner(self) -> bool:
        """Whether a runner is a process that can apply one directory after another."""

    @property
    def costly_runner(self) -> bool:
        """Whether each run of the migrations starts a process."""

    def open_runner(
        self, database: ImplementationDatabase, migrations: Path | None = None
    ) -> AbstractContextManager[Driver]:
        """What `migrate` would be called on, to call it and to kill it meanwhile.

        It can be killed where it is a process. `migrations` is where `{migrations}` leads.
        """

    def migrate(self, database: ImplementationDatabase, migrations: Path | None = None) -> Outcome:
        """Bring `database` to the current schema, by the files in `migrations` if it is given."""

    def verify_schema(self, database: ImplementationDatabase) -> Outcome:
        """Compare the schema of `database` with the expected one, as at the program's start."""
