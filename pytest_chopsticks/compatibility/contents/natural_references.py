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


class Namesakes:
    """Finds, for the tables of a snapshot, the columns that are named like a key of another.

    The keys are looked up by name, so that what a table costs does not grow with their number.
    """

    def __init__(self, snapshot: Snapshot, tables: Collection[str]) -> None:
        self._snapshot = snapshot
        self._tables = sorted(tables)
        self._by_key: defaultdict[str, list[str]] = defaultdict(list)
        self._by_id: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._tables:
            keys = dict.fromkeys(_single_keys(snapshot.tables[name]))
            for key in keys:
                self._by_key[key].append(name)
            if "id" in keys:
                for singular in _singulars(name):
                    self._by_id[singular].append(name)

    def of(self, table: Table) -> Iterator[ForeignKey]:
        """Every pair of columns along which a client may join the table with another."""
        declared = {name for key in table.foreign_keys for name in key.columns}
        own = set(_single_keys(table))
        for column in table.columns.values():
            if column.name in declared | own | _TOO_COMMON or column.generated is not None:
                continue
            for other, there in self._named_alike(column.name):
                if other != table.name and self._comparable(table, column.name, other, there):
                    yield ForeignKey("", (column.name,), other, (there,))

    def references(self) -> dict[str, tuple[ForeignKey, ...]]:
        """Per table, the columns named like the only key of one other table, or `<table>_id`.

        A name that several tables have as their key refers to none of them. None closes a cycle
        with the others or with declared keys.
        """
        tables = self._snapshot.tables
        reached = {
            name: {key.referenced_table for key in tables[name].foreign_keys}
            for name in self._tables
        }
        found: defaultdict[str, tuple[ForeignKey, ...]] = defaultdict(tuple)
        for name in self._tables:
            for key in _unambiguous(self.of(tables[name])):
                if not _leads_to(reached, key.referenced_table, name):
                    reached[name].add(key.referenced_table)
                    found[name] += (key,)
        return dict(found)

    def _named_alike(self, column: str) -> list[tuple[str, str]]:
        """The tables with such a key, each with the key, by name."""
        by_key = self._by_key.get(column, ())
        named = column.removesuffix("_id") if column.endswith("_id") else ""
        by_id = (name for name in self._by_id.get(named, ()) if name not in by_key)
        return sorted([*((name, column) for name in by_key), *((name, "id") for name in by_id)])

    def _comparable(self, table: Table, column: str, other: str, there: str) -> bool:
        types = {
            table.columns[column].type,
            self._snapshot.tables[other].columns[there].type,
        }
        return len(types) == 1 or types <= _INTEGERS


def _unambiguous(keys: Iterable[ForeignKey]) -> list[ForeignKey]:
    by_column: dict[tuple[str, ...], list[ForeignKey]] = {}
    for key in keys:
        by_column.setdefault(key.columns, []).append(key)
    return [found[0] for found in by_column.values() if len(found) == 1]


def _singulars(table: str) -> set[str]:
    """What `<this>_id` may be called for a table of that name."""
    found = {table}
    for plural, singular in (("s", ""), ("es", ""), ("ies", "y")):
        if table.endswith(plural):
            found.add(table.removesuffix(plural) + singular)
    return found - {""}


def _single_keys(table: Table) -> list[str]:
    constraints = [*filter(None, [table.primary_key]), *table.unique_constraints]
    return [one.columns[0] for one in constraints if len(one.columns) == 1]


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
