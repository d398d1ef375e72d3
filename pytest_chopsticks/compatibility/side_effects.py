"""What old statements do to the rows of other tables, which their own outcome does not show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.catalog import Snapshot, changes, differences
from pytest_chopsticks.compatibility.contents import Loss, digest, losses
from pytest_chopsticks.compatibility.contents.attempts import Attempt, attempt_all, pin_settings
from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Verdict
from pytest_chopsticks.compatibility.old_clients import attempt_of
from pytest_chopsticks.compatibility.step_statements import IMMUTABLE_TABLES

if TYPE_CHECKING:
    import psycopg

    from pytest_chopsticks.compatibility.old_clients import OldStatement
    from pytest_chopsticks.compatibility.trial_places import TrialPlaces

_WRITES = ("insert", "upsert", "update", "delete")
_BY_WHICH = (
    changes.TriggerAdded,
    changes.TriggerChanged,
    changes.TriggerStateChanged,
    changes.RuleAdded,
    changes.RuleChanged,
)
#: When a row was changed last is nobody's value.
_TOUCHED = "updated_at"


@dataclass(frozen=True, slots=True, order=True)
class Reach:
    """Statements on one table, and what they change of another."""

    table: str
    other: str
    column: str


SideEffects = Mapping[Reach, Loss]


def tables_that_act(before: Snapshot, after: Snapshot) -> frozenset[str]:
    """The earlier tables whose triggers or rules are others than they were."""
    found = (c.table for c in differences(before, after) if isinstance(c, _BY_WHICH))
    return frozenset(found) & before.tables.keys()


def side_effects(
    connection: psycopg.Connection[Any],
    now: Snapshot,
    earlier: Snapshot,
    statements: Iterable[OldStatement],
    tables: Collection[str],
) -> SideEffects:
    """What the statements on `tables` change of the earlier rows and columns of other tables.

    Those on one table are run one after the other and looked at together; all of it is undone.
    """
    groups: dict[str, list[OldStatement]] = {table: [] for table in tables}
    for one in statements:
        if one.table in tables and _is_sent(one):
            groups[one.table].append(one)
    return {
        Reach(table, loss.table, loss.column or ""): loss
        for table, group in groups.items()
        for loss in _changed(connection, now, group)
        if loss.table != table and _is_of(earlier, loss)
    }


def side_effect_findings(
    before: SideEffects, after: SideEffects, places: TrialPlaces
) -> Iterator[Finding]:
    """What old statements now change besides what they say."""
    for reach in sorted(after.keys() - before.keys()):
        yield Finding(
            family=Family.OLD_WRITERS,
            rule="old-statement-reaches-further",
            subject=reach.table,
            message=f"{reach.table}: what old statements do there now changes {reach.other} as"
            f" well: {after[reach].message}",
            evidence=Evidence.CONFIRMED,
            verdict=Verdict.BREAKS,
            place=places.of_table(reach.table),
        )


def _is_sent(statement: OldStatement) -> bool:
    if statement.table in IMMUTABLE_TABLES:
        return statement.kind == "insert"
    return statement.kind in _WRITES


def _changed(
    connection: psycopg.Connection[Any], now: Snapshot, group: Iterable[OldStatement]
) -> list[Loss]:
    with connection.transaction(force_rollback=True):
        pin_settings(connection)
        untouched = digest(connection, now)
        attempt_all(connection, map(_kept, group))
        return list(losses(untouched, digest(connection, now, like=untouched)))


def _kept(statement: OldStatement) -> Attempt:
    return replace(attempt_of(statement), visible=None, kept=True)


def _is_of(earlier: Snapshot, loss: Loss) -> bool:
    table = earlier.tables.get(loss.table)
    if table is None or loss.column == _TOUCHED:
        return False
    return loss.column is None or loss.column in table.columns
