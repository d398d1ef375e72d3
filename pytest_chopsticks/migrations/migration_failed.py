"""What is raised when a migration was understood and then did not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_chopsticks.errors import MigrationFileError

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.recording_client import RecordedStatement


class MigrationFailed(MigrationFileError):
    """`up` or `down` raised, was refused by the database, or did not end.

    `sqlstate` is the database's code where it was the database; `output` is what the migration
    printed, `statements` what it sent until then.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        sqlstate: str | None = None,
        output: str = "",
        statements: tuple[RecordedStatement, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint)
        self.sqlstate = sqlstate
        self.output = output
        self.statements = statements
