"""What can go wrong, stage by stage.

A run goes through these stages, and each has its own class:

1. `ConfigurationError`: an option or `chopsticks.toml` cannot be understood.
2. `ServerUnavailable`: no Postgres could be started or reached.
3. `DatabaseUnavailable`: the server is there, but a database could not be made or restored.
4. `MigrationFileError`: a migration file cannot be read or understood.
5. `ImplementationFault`: the implementation crashed, hung, or did not speak the contract.
   `Rejected` is not a fault: it is how an implementation says no.

All but `Rejected` are the suite's `error`, never a requirement's `failed`. Their text says what
happened and where; a line starting with an arrow says what to do.
"""

from __future__ import annotations


class ChopsticksError(Exception):
    """Base of every error of this package; `hint` says what to do about it."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.hint}" if self.hint else self.message


class ConfigurationError(ChopsticksError):
    """An option or `chopsticks.toml` cannot be understood."""


class ServerUnavailable(ChopsticksError):
    """No Postgres could be started or reached."""


class DatabaseUnavailable(ChopsticksError):
    """A database could not be made or restored on a running server."""


class MigrationFileError(ChopsticksError):
    """A migration file cannot be read or understood."""


class ImplementationFault(ChopsticksError):
    """The implementation under test crashed, hung, or did not speak the contract."""


class ConnectionLeftOpen(UserWarning):
    """A test ended while a connection to its database was open; it has been ended."""


class Rejected(Exception):
    """An implementation's refusal of an operation, by one of the names in the contract.

    In-process drivers raise it: ``raise Rejected("insufficient_funds")``. Any exception with a
    string attribute `rejection` counts as well, so that an implementation need not import this.
    """

    def __init__(self, rejection: str, message: str = "") -> None:
        super().__init__(rejection, message)
        self.rejection = rejection
        self.message = message

    def __str__(self) -> str:
        return f"{self.rejection}: {self.message}" if self.message else self.rejection
