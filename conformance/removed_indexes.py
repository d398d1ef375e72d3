"""Indexes that one of the implementation's own migrations removed and declared that it does.

The document prohibits to remove indexes "without analysis": a declaration with its reason, in the
migration that removes one, is that analysis.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_chopsticks.catalog import Snapshot, changes, differences, structure, take_snapshot
from pytest_chopsticks.catalog.changes import Change
from pytest_chopsticks.catalog.index_coverage import leads_with
from pytest_chopsticks.compatibility.declarations import Declaration, read_declarations
from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.migrations.files import MigrationFile

from .canonical_schema import Index
from .index_matching import canonical_keys
from .migration_history import History

_RULE = "index-removed"


@dataclass(frozen=True, slots=True)
class RemovedIndex:
    """An index as it was, where it was removed and why."""

    table: str
    index: structure.Index
    file: MigrationFile
    reason: str

    def __str__(self) -> str:
        return f"{self.index.name} is removed in {self.file.name}, declared: {self.reason}"


class RemovedIndexes:
    """Answers for which of the document's indexes it is declared that they are gone."""

    def __init__(self, removed: tuple[RemovedIndex, ...] = ()) -> None:
        self._removed = removed

    def of(self, table: str, index: Index) -> RemovedIndex | None:
        """What did for one of the document's indexes, before it was removed."""
        return self._leading(table, canonical_keys(index))

    def of_change(self, change: Change) -> RemovedIndex | None:
        """The same for a difference from the document's schema."""
        if not isinstance(change, changes.IndexRemoved):
            return None
        return self._leading(change.table, change.index.keys)

    def _leading(self, table: str, keys: tuple[structure.IndexKey, ...]) -> RemovedIndex | None:
        fitting = (one for one in self._removed if one.table == table)
        return next((one for one in fitting if leads_with(one.index, keys)), None)


def find_removed_indexes(history: History, canonical: Snapshot, found: Snapshot) -> RemovedIndexes:
    """Costs nothing unless an index is missing and a migration declares that it removes one.

    Then the history is applied to just before and after each such migration.
    """
    lacking = any(
        isinstance(change, changes.IndexRemoved) for change in differences(canonical, found)
    )
    if not lacking or not history.implementation.takes_migrations:
        return RemovedIndexes()
    return RemovedIndexes(tuple(one for file in history.files for one in _of_file(history, file)))


def _of_file(history: History, file: MigrationFile) -> Iterator[RemovedIndex]:
    declared = [one for one in read_declarations(file) if one.rule == _RULE]
    if not declared:
        return
    try:
        before, after = _around(history, file)
    except ImplementationFault:
        # A history that cannot be applied in parts is told elsewhere.
        return
    for change in differences(before, after):
        if isinstance(change, changes.IndexRemoved):
            yield from _declared(change, declared, file)


def _declared(
    change: changes.IndexRemoved, declared: list[Declaration], file: MigrationFile
) -> Iterator[RemovedIndex]:
    for one in declared:
        if one.covers(_RULE, change.index.name):
            yield RemovedIndex(change.table, change.index, file, one.reason)


def _around(history: History, file: MigrationFile) -> tuple[Snapshot, Snapshot]:
    with history.database() as database:
        history.migrate_before(database, file)
        with database.observe() as observer:
            before = take_snapshot(observer, history.schema)
        history.migrate_up_to(database, file)
        with database.observe() as observer:
            return before, take_snapshot(observer, history.schema)
