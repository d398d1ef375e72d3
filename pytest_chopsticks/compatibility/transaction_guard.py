"""Keeps a migration from ending the transaction in which it is watched, or from what is worse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.compatibility.reading import read_sql
from pytest_chopsticks.errors import ChopsticksError
from pytest_chopsticks.migrations.migration_failed import MigrationFailed
from pytest_chopsticks.migrations.sql_parts import split_parts

if TYPE_CHECKING:
    import psycopg

    from pytest_chopsticks.migrations.files import MigrationFile
    from pytest_chopsticks.migrations.recording_client import RecordedStatement

_NO_TRANSACTION = re.compile(rb"\btransaction\s*[:=]\s*[fF]alse\b")
_PREPARED = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY gid"
_OF_THE_SERVER = frozenset(
    {"CREATE DATABASE", "DROP DATABASE", "ALTER DATABASE", "ALTER SYSTEM", "DROP ROLE"}
)


class NeedsNoTransaction(ChopsticksError):
    """A migration that begins or ends transactions itself, or cannot run inside one.

    `asked_for` tells that the file says so, and that its runner can know it.
    """

    def __init__(self, message: str, *, asked_for: bool = False) -> None:
        super().__init__(message)
        self.asked_for = asked_for


def expect_transaction(file: MigrationFile) -> None:
    """Raise `NeedsNoTransaction` for a file that asks to be run without one.

    In SQL by `transaction:false` behind `-- migrate:up`, in a program by `transaction: false`
    among what it exports.
    """
    if file.suffix == ".sql":
        asks = not split_parts(file).in_transaction
    else:
        asks = _NO_TRANSACTION.search(file.content) is not None
    if asks:
        raise NeedsNoTransaction("it asks for that: transaction: false", asked_for=True)


def refuse_prepared(file: MigrationFile, connection: psycopg.Connection[Any]) -> None:
    """Raise `MigrationFailed` for a migration that left a transaction prepared.

    Whoever comes next waits for its locks, for as long as nobody ends it.
    """
    left = connection.execute(_PREPARED).fetchall()
    if left:
        names = ", ".join(f"'{name}'" for (name,) in left)
        raise MigrationFailed(
            f"{file.path}: PREPARE TRANSACTION: it leaves {names} prepared",
            hint="Its locks stay until somebody sends COMMIT PREPARED or ROLLBACK PREPARED.",
        )


class TransactionGuard:
    """An observer that raises before a statement that must not run.

    Statements that begin or end a transaction raise `NeedsNoTransaction`, unless `free`. What
    reaches beyond the database, such as DROP DATABASE, raises `MigrationFailed`.
    """

    def __init__(self, file: MigrationFile, *, free: bool = False) -> None:
        self._file = file
        self._free = free

    def before(self, text: str) -> None:
        for statement in read_sql(text).statements:
            if statement.command in _OF_THE_SERVER:
                raise MigrationFailed(
                    f"{self._file.path}: {statement.command}: a migration must not reach beyond"
                    " its own database",
                    hint="Databases and roles are the business of whoever sets up the server.",
                )
            if statement.transaction_control and not self._free:
                raise NeedsNoTransaction(f"it sends {statement.command}")

    def after(self, statement: RecordedStatement) -> None:
        del statement
