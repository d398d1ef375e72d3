"""Migrations that fail after one of their statements: which of them, and what may be left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from psycopg import Error as DatabaseError

from pytest_chopsticks.databases import Database
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.implementations import Accepted, Outcome
from pytest_chopsticks.migrations.editions import Interrupted
from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.migrations.interruption import FAILING_STATEMENT, Interruption
from pytest_chopsticks.migrations.migration_failed import MigrationFailed
from pytest_chopsticks.migrations.sent_statements import SentStatement, sent_statements
from pytest_chopsticks.violation import Violation

from .database_state import DatabaseState, expect_unchanged
from .kept_runner import KeptRunner
from .migration_history import RECORDS, History, expect_reported, spread
from .schema_location import search_path

#: A longer history is sampled: each failure is a run of the implementation, and where that is a
#: command, a process.
MOST_FILES = 8
MOST_FAILURES = 60
MOST_FAILURES_OF_COMMAND = 24

_NOT_IN_TRANSACTION = "25001"


@dataclass(slots=True)
class Coverage:
    """What was tried, and what was not; `str()` of it is a note for the report."""

    files: int = 0
    statements: int = 0
    failures: int = 0
    remarks: list[str] = field(default_factory=list)

    def told(self, all_files: int) -> str:
        """Empty where everything was tried."""
        sampled = self.failures < self.statements or self.files < all_files
        tried = (
            f"made to fail after {self.failures} of the {self.statements} statements"
            f" of {self.files} of {all_files} migrations"
        )
        return "; ".join([*([tried] if sampled else []), *self.remarks])


def sent_by(history: History, database: Database, file: MigrationFile) -> tuple[SentStatement, ...]:
    """What `up` of a file sends, on a database at the version before; it is undone."""
    with database.connect() as connection:
        connection.execute(search_path(history.schema))
        return sent_statements(file, connection)


def runs_in_transaction(error: MigrationFileError) -> bool:
    """Whether a migration could not be run for another reason than being in a transaction."""
    return not (isinstance(error, MigrationFailed) and error.sqlstate == _NOT_IN_TRANSACTION)


def expect_failures_undone(history: History) -> Coverage:
    """Let migrations fail, one after each of their statements, as the history is walked along.

    Raises a violation unless each time the run is refused with the version and nothing is left, and
    the migration as it is written is then applied.
    """
    coverage = Coverage()
    most = MOST_FAILURES_OF_COMMAND if history.implementation.costly_runner else MOST_FAILURES
    chosen = spread(history.files, MOST_FILES)
    with history.database() as database:
        for number, file in enumerate(chosen):
            budget = (most - coverage.failures) // (len(chosen) - number)
            with KeptRunner(history, database) as runner:
                history.migrate_before(database, file, runner.migrate)
                _fail_in(history, database, file, budget, coverage, runner)
        _expect_applied_after_all(history, database)
    return coverage


def _fail_in(
    history: History,
    database: Database,
    file: MigrationFile,
    budget: int,
    coverage: Coverage,
    runner: KeptRunner,
) -> None:
    before = history.state_of(database)
    try:
        sent = sent_by(history, database, file)
    except MigrationFileError as error:
        if not runs_in_transaction(error):
            coverage.remarks.append(f"not {file.name}, which cannot run in a transaction")
            return
        coverage.remarks.append(f"{file.name} only at its end: {error.message.splitlines()[0]}")
        sent = ()
    except DatabaseError as error:
        coverage.remarks.append(f"{file.name} only at its end: {error}")
        sent = ()
    coverage.files += 1
    coverage.statements += len(sent)
    for failure in _failures(file, sent, budget):
        coverage.failures += not failure.throws and failure.after is not None
        outcome = runner.migrate(Interrupted(file.name, failure))
        what = _told(file, failure)
        _expect_undone(outcome, before, history.state_of(database), file.version, what)
        runner.expect_no_lock_held(what)


def _failures(
    file: MigrationFile, sent: Sequence[SentStatement], budget: int
) -> Iterator[Interruption]:
    """One after each statement; in a program also one that the database does not see."""
    for after in spread(sent, max(budget, 2)):
        yield Interruption(FAILING_STATEMENT, after)
    if not sent:
        yield Interruption(FAILING_STATEMENT)
    elif file.suffix != ".sql":
        yield Interruption(FAILING_STATEMENT, sent[0], throws=True)


def _told(file: MigrationFile, failure: Interruption) -> str:
    where = f"after {failure.after.shown}" if failure.after else "at its end"
    how = "throws an error" if failure.throws else "fails"
    return f"a migration {file.name} that {how} {where}"


def _expect_undone(
    outcome: Outcome, before: DatabaseState, after: DatabaseState, version: str, what: str
) -> None:
    if isinstance(outcome, Accepted):
        raise Violation(expected=f"{what} stops the run", actual="the run ends well")
    own_table = RECORDS if not after.row_versions.get(RECORDS) else None
    # A sequence is never set back by the server.
    expect_unchanged(before, after, what, but_for=own_table, sequences=False)
    expect_reported(outcome, version, what)


def _expect_applied_after_all(history: History, database: Database) -> None:
    outcome = history.implementation.migrate(database, history.directory)
    if not isinstance(outcome, Accepted):
        raise Violation(
            expected="once no migration fails any more, all of them are applied",
            actual=outcome.report,
        )
