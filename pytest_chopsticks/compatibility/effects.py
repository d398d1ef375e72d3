"""What a migration's old clients get and what became of its rows, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.catalog import Snapshot
from pytest_chopsticks.compatibility.contents import Digest, Loss, digest, losses
from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Verdict
from pytest_chopsticks.compatibility.history_database import HistoryDatabase, as_old_client
from pytest_chopsticks.compatibility.new_sessions import (
    NewSessions,
    new_session_findings,
    new_sessions,
)
from pytest_chopsticks.compatibility.old_clients import (
    Break,
    NotRun,
    OldStatement,
    Outcomes,
    breaks,
    replay,
)
from pytest_chopsticks.compatibility.query_findings import query_findings
from pytest_chopsticks.compatibility.side_effects import (
    SideEffects,
    side_effect_findings,
    side_effects,
)
from pytest_chopsticks.compatibility.step_statements import is_relied_on, old_statements

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import psycopg

    from pytest_chopsticks.compatibility.judge_options import JudgeOptions
    from pytest_chopsticks.compatibility.trial_places import TrialPlaces


@dataclass(frozen=True, slots=True)
class _Look:
    outcomes: Outcomes
    contents: Digest
    sessions: NewSessions
    elsewhere: SideEffects


class Effects:
    """Looks at the database before and after a migration, and tells what differs.

    `statements` are those of the version before that concern the tables in `touched`; they are
    thought of at the first look. Those on tables in `acting` may change other tables, too.
    """

    def __init__(
        self,
        at: HistoryDatabase,
        touched: Collection[str],
        acting: Collection[str],
        options: JudgeOptions,
    ) -> None:
        self.schema = at.snapshot
        self._solved = at.solved
        self.statements: Sequence[OldStatement] = ()
        self.not_run: Sequence[NotRun] = ()
        self._touched = touched
        self._acting = acting
        self._options = options
        self._before: _Look

    def look_before(self, connection: psycopg.Connection[Any]) -> None:
        as_old_client(connection, self.schema.schema)
        sent = old_statements(connection, self.schema, self._touched, self._options, self._solved)
        self.statements, self.not_run = sent.statements, sent.not_run
        contents = digest(connection, self.schema, self._touched)
        sessions = new_sessions(connection, self.schema)
        elsewhere = self._elsewhere(connection, self.schema)
        outcomes = replay(connection, self.statements)
        self._before = _Look(outcomes, contents, sessions, elsewhere)

    def findings(
        self, connection: psycopg.Connection[Any], after: Snapshot, places: TrialPlaces
    ) -> Iterator[Finding]:
        """Look again, at the new schema, and compare with `look_before`."""
        as_old_client(connection, self.schema.schema)
        before = self._before
        contents = digest(connection, after, self._still(after), like=before.contents)
        outcomes = replay(connection, self.statements)
        broken = list(filter(is_relied_on, breaks(before.outcomes, outcomes)))
        yield from (_break_finding(one, places) for one in broken)
        known = [statement for one in broken for statement in (one.statement, *one.others)]
        yield from query_findings(self.statements, known, self.schema, after, places)
        for loss in losses(before.contents, contents):
            yield _loss_finding(loss, places)
        sessions = new_sessions(connection, self.schema)
        yield from new_session_findings(before.sessions, sessions, places.whole)
        yield from side_effect_findings(
            before.elsewhere, self._elsewhere(connection, after), places
        )

    def _elsewhere(self, connection: psycopg.Connection[Any], now: Snapshot) -> SideEffects:
        return side_effects(connection, now, self.schema, self.statements, self._acting)

    def _still(self, after: Snapshot) -> set[str]:
        """The touched tables that are there, and those that are new."""
        new = after.tables.keys() - self.schema.tables.keys()
        return (set(self._touched) & after.tables.keys()) | new


def _break_finding(broken: Break, places: TrialPlaces) -> Finding:
    return Finding(
        family=Family.OLD_WRITERS,
        rule=broken.kind if broken.is_note else "old-statement-breaks",
        subject=broken.table,
        message=broken.message,
        evidence=Evidence.CONFIRMED,
        verdict=Verdict.NOTED if broken.is_note else Verdict.BREAKS,
        place=places.of_table(broken.table),
    )


def _loss_finding(loss: Loss, places: TrialPlaces) -> Finding:
    """What is to be found under another name, and a NULL that was filled, is not lost."""
    kept = loss.moved_to is not None or loss.kind == "null-filled"
    doubled = loss.kind == "row-doubled"
    return Finding(
        family=Family.OLD_WRITERS if doubled else Family.DATA_PRESERVED,
        rule=loss.kind,
        subject=loss.table if loss.column is None else f"{loss.table}.{loss.column}",
        message=loss.message,
        evidence=Evidence.CONFIRMED,
        verdict=Verdict.NOTED if kept else Verdict.BREAKS,
        place=places.of_column(loss.table, loss.column),
    )
