"""Where in a migration stands what did something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog import Change, changes
from pytest_chopsticks.compatibility.change_findings import rule_of, subject_of
from pytest_chopsticks.compatibility.findings import Place
from pytest_chopsticks.compatibility.statement_places import StatementPlaces
from pytest_chopsticks.compatibility.watching import WatchedStatement, touches

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile

_ADDITIONS = (changes.TableAdded, changes.ColumnAdded, changes.IndexAdded, changes.DefaultAdded)


class TrialPlaces:
    """The places of a watched migration: of its statements, of a change, of what befell a table."""

    def __init__(self, file: MigrationFile, watched: Sequence[WatchedStatement]) -> None:
        statements = StatementPlaces(file)
        self.whole = Place(file.path)
        self.of_statements = tuple(statements.place(one.record) for one in watched)
        self._changes: dict[tuple[str, str], Place] = {}
        self._subjects: dict[str, Place] = {}
        self._suspects: dict[str, Place] = {}
        self._tables: dict[str, Place] = {}
        for statement, place in zip(watched, self.of_statements, strict=True):
            self._note(statement, place)

    def of_change(self, change: Change) -> Place:
        return self._changes.get((rule_of(change), subject_of(change)), self.whole)

    def of_column(self, table: str, column: str | None) -> Place:
        """The first statement that changed the column, else what befell the table."""
        return self._subjects.get(f"{table}.{column}", self.of_table(table))

    def of_table(self, table: str) -> Place:
        """The first statement that took something of the table away, else that changed it or took
        more than a reader's lock on it.
        """
        return self._suspects.get(table, self._tables.get(table, self.whole))

    def _note(self, statement: WatchedStatement, place: Place) -> None:
        for change in statement.changes:
            self._changes.setdefault((rule_of(change), subject_of(change)), place)
            self._subjects.setdefault(subject_of(change), place)
            if isinstance(change, changes.TableChange):
                known = self._tables if isinstance(change, _ADDITIONS) else self._suspects
                known.setdefault(change.table, place)
        for table in (table for table, mode in statement.locks.items() if touches(mode)):
            self._tables.setdefault(table, place)
