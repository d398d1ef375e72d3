"""References that no constraint declares, told by the names of columns.

Applications keep to them: an agent's pool is written before the agent. Rows that did not would
make a migration fail that declares the reference, which no application's rows would.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from pytest_chopsticks.catalog.structure import ForeignKey, Snapshot, Table

_TOO_COMMON = {"id", "uuid", "name", "key", "code", "title", "slug", "version", "type", "status"}
_INTEGERS = {"smallint", "integer", "bigint"}


def natural_references(
    snapshot: Snapshot, tables: Collection[str]
) -> dict[str, tuple[ForeignKey, ...]]:
    """Per table, the columns named like the only key of one other table, or `<table>_id`.

    A name that several tables have as their key refers to none of them. None closes a cycle with
    the others or with declared keys.
    """
    reached = {
        name: {key.referenced_table for key in snapshot.tables[name].foreign_keys}
        for name in tables
    }
    found: defaultdict[str, tuple[ForeignKey, ...]] = defaultdict(tuple)
    for name in sorted(tables):
        for key in _unambiguous(namesakes(snapshot.tables[name], snapshot, tables)):
            if not _leads_to(reached, key.referenced_table, name):
                reached[name].add(key.referenced_table)
                found[name] += (key,)
    return dict(found)


def namesakes(table: Table, snapshot: Snapshot, tables: Collection[str]) -> Iterator[ForeignKey]:
    """Every pair of columns along which a client may join the table with another."""
    declared = {name for key in table.foreign_keys for name in key.columns}
    own = {columns[0] for columns in _single_keys(table)}
    for column in table.columns.values():
        if column.name in declared | own | _TOO_COMMON or column.generated is not None:
            continue
        for other in sorted(tables):
            there = _named_alike(column.name, snapshot.tables[other])
            if (
                other != table.name
                and there
                and _comparable(table, column.name, snapshot, other, there)
            ):
                yield ForeignKey("", (column.name,), other, (there,))


def _unambiguous(keys: Iterable[ForeignKey]) -> list[ForeignKey]:
    by_column: dict[tuple[str, ...], list[ForeignKey]] = {}
    for key in keys:
        by_column.setdefault(key.columns, []).append(key)
    return [found[0] for found in by_column.values() if len(found) == 1]


def _named_alike(column: str, other: Table) -> str | None:
    for (key,) in _single_keys(other):
        if key == column:
            return key
    named = column.removesuffix("_id") if column.endswith("_id") else None
    if named and other.name in (named, f"{named}s", f"{named}es", f"{named[:-1]}ies"):
        return "id" if ("id",) in _single_keys(other) else None
    return None


def _single_keys(table: Table) -> list[tuple[str]]:
    constraints = [*filter(None, [table.primary_key]), *table.unique_constraints]
    return [(one.columns[0],) for one in constraints if len(one.columns) == 1]


def _comparable(table: Table, column: str, snapshot: Snapshot, other: str, there: str) -> bool:
    types = {table.columns[column].type, snapshot.tables[other].columns[there].type}
    return len(types) == 1 or types <= _INTEGERS


def _leads_to(reached: Mapping[str, Collection[str]], start: str, end: str) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name == end:
            return True
        if name not in seen:
            seen.add(name)
            waiting += reached.get(name, ())
    return False
