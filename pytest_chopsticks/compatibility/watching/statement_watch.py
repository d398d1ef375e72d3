"""Watches a migration from inside its transaction: the observer of a `RecordingClient`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from psycopg.pq import TransactionStatus

from pytest_chopsticks.catalog import Change, Snapshot, differences
from pytest_chopsticks.compatibility.schema_snapshot import snapshot_or_empty
from pytest_chopsticks.compatibility.watching.ddl_events import DdlEvent, events_after, last_number
from pytest_chopsticks.compatibility.watching.lock_modes import stronger
from pytest_chopsticks.compatibility.watching.relation_facts import (
    RelationFacts,
    relation_facts,
    tables_of,
)
from pytest_chopsticks.compatibility.watching.strangers import strangers
from pytest_chopsticks.compatibility.watching.watched import WatchedStatement

if TYPE_CHECKING:
    import psycopg

    from pytest_chopsticks.catalog.known_tables import KnownTables
    from pytest_chopsticks.compatibility.watching.old_transactions import OldTransactions
    from pytest_chopsticks.migrations.recording_client import RecordedStatement

#: After a failure, and when the statement has ended its own connection.
_NOTHING_TO_SEE = (TransactionStatus.INERROR, TransactionStatus.UNKNOWN)


class StatementWatch:
    """Keeps what was seen of each statement; `snapshot` is the schema after the last one.

    Nothing is asked of the server before the first statement, which may have to be the first of
    its transaction. Without `ddl_events` a snapshot follows every statement, not only DDL.
    `old` keeps transactions of the version before open while a statement runs. `strangers` are the
    process ids of sessions that came meanwhile.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        before: Snapshot,
        known: KnownTables,
        *,
        ddl_events: bool,
        old: OldTransactions | None = None,
    ) -> None:
        self.snapshot = before
        self.watched: list[WatchedStatement] = []
        self._connection = connection
        self._known_tables = known
        self._old = old
        self._known = old.pids if old is not None else ()
        self.strangers: frozenset[int] = frozenset()
        self._tables = tables_of(connection, before.schema)
        self._facts: Mapping[int, RelationFacts] = relation_facts(connection, self._tables)
        self._number = last_number(connection) if ddl_events else None
        self._known = (*self._known, *strangers(connection, self._known))
        connection.rollback()

    def before(self, text: str) -> None:
        del text
        if self._old is not None:
            self._old.begin()

    def after(self, statement: RecordedStatement) -> None:
        waited_for = self._old.end() if self._old is not None else {}
        if self._connection.info.transaction_status in _NOTHING_TO_SEE:
            self.watched.append(WatchedStatement(statement, waited_for=waited_for))
            return
        events = self._events()
        changes = self._changes() if events or self._number is None else ()
        facts = relation_facts(self._connection, self._tables)
        self.watched.append(
            WatchedStatement(
                record=statement,
                changes=changes,
                events=events,
                locks=self._locks(facts),
                scanned=self._scanned(facts),
                rewritten=self._rewritten(facts),
                waited_for=waited_for,
            )
        )
        self._facts = facts
        self.strangers |= strangers(self._connection, self._known)

    def _events(self) -> tuple[DdlEvent, ...]:
        if self._number is None:
            return ()
        events = events_after(self._connection, self._number)
        self._number = events[-1].number if events else self._number
        return events

    def _changes(self) -> tuple[Change, ...]:
        before = self.snapshot
        self.snapshot = snapshot_or_empty(self._connection, before.schema, self._known_tables)
        return differences(before, self.snapshot)

    def _locks(self, facts: Mapping[int, RelationFacts]) -> dict[str, str]:
        found: dict[str, str] = {}
        for oid, fact in facts.items():
            if fact.lock is not None:
                name = self._tables[oid]
                found[name] = stronger(found.get(name), fact.lock) or fact.lock
        return found

    def _scanned(self, facts: Mapping[int, RelationFacts]) -> tuple[str, ...]:
        return tuple(
            self._tables[oid]
            for oid, fact in facts.items()
            if oid in self._facts and self._facts[oid].read_as_a_whole_by(fact)
        )

    def _rewritten(self, facts: Mapping[int, RelationFacts]) -> tuple[str, ...]:
        return tuple(
            self._tables[oid]
            for oid, fact in facts.items()
            if oid in self._facts and self._facts[oid].rewritten_as(fact)
        )
