"""Which tables refer to which, and in what order their rows can be written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from pytest_chopsticks.catalog.structure import ForeignKey, Table

#: The keys of each table, declared or natural.
References = Mapping[str, Sequence[ForeignKey]]


def closure(references: References, tables: Iterable[str]) -> tuple[str, ...]:
    """The tables and all that they refer to, by name."""
    found: set[str] = set()
    waiting = list(tables)
    while waiting:
        name = waiting.pop()
        if name in references and name not in found:
            found.add(name)
            waiting += (key.referenced_table for key in references[name])
    return tuple(sorted(found))


def may_be_null(table: Table, key: ForeignKey) -> bool:
    """Whether a row can be without what the key refers to."""
    return any(table.columns[name].nullable for name in key.columns) and key.match != "FULL"


def insertion_order(tables: Mapping[str, Table], references: References) -> list[tuple[str, ...]]:
    """Groups of tables, referred-to ones first.

    The tables of one group refer to each other by keys that may not be null: their rows have to be
    written by one statement. Other cycles are to be closed afterwards, see `closing_keys`.
    """
    whole = {name: _referred(references[name]) for name in tables}
    order: list[tuple[str, ...]] = []
    for group in _components(whole):
        inside = set(group)
        strict = {
            name: _referred(_required(tables[name], references[name])) & inside for name in group
        }
        order += _components(strict)
    return order


def closing_keys(
    table: Table, references: Iterable[ForeignKey], order: Sequence[Collection[str]]
) -> tuple[ForeignKey, ...]:
    """The keys that can only be set when later tables, or the table itself, have rows."""
    place = {name: index for index, group in enumerate(order) for name in group}
    return tuple(
        key
        for key in references
        if key.referenced_table in place
        and may_be_null(table, key)
        and place[key.referenced_table] >= place[table.name]
    )


def _required(table: Table, references: Iterable[ForeignKey]) -> tuple[ForeignKey, ...]:
    return tuple(key for key in references if not may_be_null(table, key))


def _referred(keys: Iterable[ForeignKey]) -> set[str]:
    return {key.referenced_table for key in keys}


def _components(edges: Mapping[str, Collection[str]]) -> list[tuple[str, ...]]:
    """Strongly connected components, those that are pointed to first (Tarjan)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(name: str) -> None:
        index[name] = lowest[name] = len(index)
        path.append(name)
        for other in sorted(edges[name]):
            if other not in edges:
                continue
            if other not in index:
                visit(other)
            if other in path:
                lowest[name] = min(lowest[name], lowest[other])
        if lowest[name] == index[name]:
            start = path.index(name)
            found.append(tuple(sorted(path[start:])))
            del path[start:]

    for name in sorted(edges):
        if name not in index:
            visit(name)
    return found
