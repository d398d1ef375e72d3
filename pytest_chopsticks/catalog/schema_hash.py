"""The schema hash of DATABASE_SCHEMA.md, "Schema Hash Calculation".

It covers exactly what that section lists: table names, column names and types, primary keys, unique
constraints, indexes. Names of constraints and indexes, nullability, defaults, checks and the order
of columns are no part of it.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.catalog.structure import Index, Snapshot, Table, UniqueConstraint

Line = list[Any]


def schema_hash(snapshot: Snapshot) -> str:
    """SHA-256 of the UTF-8 bytes of `canonical_form`, in hexadecimal."""
    return hashlib.sha256(canonical_form(snapshot).encode()).hexdigest()


def canonical_form(snapshot: Snapshot) -> str:
    """The hashed text: lines sorted by code point, joined by a line feed, none at the end.

    Each line is a compact JSON array:

    - ``["table", t]`` for each ordinary or partitioned table that is not itself a partition;
    - ``["column", t, c, type]``, the type as `format_type` gives it, but without
      the precision `(6)` of times, which they have anyway;
    - ``["primary key", t, [columns in key order]]``;
    - ``["unique", t, [columns in order], flags]`` for each unique constraint;
    - ``["index", t, method, [keys], flags]`` for each index that backs no constraint.

    A key is the column or expression as `pg_get_indexdef` gives it, followed by what is not the
    default, in this order: COLLATE "x", the operator class, DESC, NULLS FIRST or NULLS LAST.
    `flags` is an object with sorted keys, each present only where it says something: deferrable,
    include, initially_deferred, invalid, nulls_not_distinct, unique, where, without_overlaps.
    """
    tables = [t for t in snapshot.tables.values() if _counts(t)]
    return "\n".join(sorted(_json(line) for table in tables for line in _lines(table)))


def _counts(table: Table) -> bool:
    return table.kind in ("ordinary", "partitioned") and not table.is_partition


def _lines(table: Table) -> Iterator[Line]:
    yield ["table", table.name]
    for column in table.columns.values():
        yield ["column", table.name, column.name, column.type]
    if table.primary_key is not None:
        yield ["primary key", table.name, list(table.primary_key.columns)]
    for constraint in table.unique_constraints:
        yield ["unique", table.name, list(constraint.columns), _unique_flags(constraint)]
    for index in table.indexes:
        if not index.backs_constraint:
            keys = [str(key) for key in index.keys]
            yield ["index", table.name, index.method, keys, _index_flags(index)]


def _unique_flags(constraint: UniqueConstraint) -> dict[str, Any]:
    return _said(
        deferrable=constraint.deferrable,
        include=constraint.include,
        initially_deferred=constraint.initially_deferred,
        nulls_not_distinct=constraint.nulls_not_distinct,
        without_overlaps=constraint.without_overlaps,
    )


def _index_flags(index: Index) -> dict[str, Any]:
    return _said(
        include=index.include,
        invalid=not (index.valid and index.ready),
        nulls_not_distinct=index.nulls_not_distinct,
        unique=index.unique,
        where=index.predicate,
    )


def _said(**flags: Any) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if value}


def _json(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
