"""The changes of one table that both snapshots have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_chopsticks.catalog.changes import (
    Change,
    ParentsChanged,
    PartitioningChanged,
    PersistenceChanged,
    PolicyAdded,
    PolicyChanged,
    PolicyRemoved,
    RowSecurityChanged,
    RuleAdded,
    RuleChanged,
    RuleRemoved,
    TableKindChanged,
    TriggerAdded,
    TriggerChanged,
    TriggerRemoved,
    TriggerStateChanged,
    ViewDefinitionChanged,
)
from pytest_chopsticks.catalog.column_differences import column_differences, presence_and_types
from pytest_chopsticks.catalog.constraint_differences import (
    constraint_differences,
    index_differences,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.catalog.structure import Table

_COMPARABLE = {"ordinary", "partitioned"}


def table_differences(before: Table, after: Table) -> Iterator[Change]:
    """The table's own changes, then those of columns, constraints, indexes, triggers, rules."""
    if before.kind != after.kind:
        yield TableKindChanged(after.name, before.kind, after.kind)
        if not {before.kind, after.kind} <= _COMPARABLE:
            yield from presence_and_types(before, after)
            return
    yield from _as_a_whole(before, after)
    yield from column_differences(before, after)
    yield from constraint_differences(before, after)
    yield from index_differences(before, after)
    yield from _triggers(before, after)
    yield from _rules(before, after)
    yield from _row_security(before, after)


def _as_a_whole(before: Table, after: Table) -> Iterator[Change]:
    name = after.name
    if before.persistence != after.persistence:
        yield PersistenceChanged(name, before.persistence, after.persistence)
    if before.inherits != after.inherits:
        yield ParentsChanged(name, before.inherits, after.inherits)
    if before.partition_bound != after.partition_bound:
        yield PartitioningChanged(name, before.partition_bound, after.partition_bound)
    if before.partition_key != after.partition_key:
        yield PartitioningChanged(name, before.partition_key, after.partition_key)
    if before.definition != after.definition:
        yield ViewDefinitionChanged(name, before.definition, after.definition)


def _triggers(before: Table, after: Table) -> Iterator[Change]:
    for name in sorted({*before.triggers, *after.triggers}):
        was, now = before.triggers.get(name), after.triggers.get(name)
        if was is None and now is not None:
            yield TriggerAdded(after.name, now)
        elif was is not None and now is None:
            yield TriggerRemoved(after.name, was)
        elif was is not None and now is not None:
            if replace(was, enabled=now.enabled) != now:
                yield TriggerChanged(after.name, was, now)
            if was.enabled != now.enabled:
                yield TriggerStateChanged(after.name, name, was.enabled, now.enabled)


def _rules(before: Table, after: Table) -> Iterator[Change]:
    for name in sorted({*before.rules, *after.rules}):
        was, now = before.rules.get(name), after.rules.get(name)
        if was is None and now is not None:
            yield RuleAdded(after.name, now)
        elif was is not None and now is None:
            yield RuleRemoved(after.name, was)
        elif was is not None and now is not None and was != now:
            yield RuleChanged(after.name, was, now)


def _row_security(before: Table, after: Table) -> Iterator[Change]:
    was, now = _row_security_state(before), _row_security_state(after)
    if was != now:
        yield RowSecurityChanged(after.name, was, now)
    yield from _policies(before, after)


def _row_security_state(table: Table) -> str:
    state = "on" if table.row_security else "off"
    return f"{state}, forced" if table.force_row_security else state


def _policies(before: Table, after: Table) -> Iterator[Change]:
    for name in sorted({*before.policies, *after.policies}):
        was, now = before.policies.get(name), after.policies.get(name)
        if was is None and now is not None:
            yield PolicyAdded(after.name, now)
        elif was is not None and now is None:
            yield PolicyRemoved(after.name, was)
        elif was is not None and now is not None and was != now:
            yield PolicyChanged(after.name, was, now)
