"""Every index missing, or of a kind that does not do what the document's is there for."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.canonical_schema import TABLES, Index, Table

from .schema_mutant import (
    FROM_EMPTY,
    ONLY_ALLOWED_CHANGES,
    SchemaMutant,
    canonical_and,
    key_id,
)


def index_mutants() -> Iterator[SchemaMutant]:
    for table in TABLES:
        for index in table.indexes:
            yield from _of_index(table, index)


def _of_index(table: Table, index: Index) -> Iterator[SchemaMutant]:
    name = index.name or f"idx_{table.name}_{'_'.join(index.columns)}"
    column = index.columns[0]
    other = _another_column(table, column)
    same, opposite = (" DESC", "") if index.descending else ("", " DESC")
    create = f"CREATE INDEX {name} ON {table.name}"
    for kind, broken, statement in (
        ("index dropped", "is missing", None),
        ("index partial", "is partial", f"{create} ({column}{same}) WHERE {column} IS NULL"),
        ("index reversed", "has the other direction", f"{create} ({column}{opposite})"),
        ("index hash", "is a hash index", f"{create} USING hash ({column})"),
        ("index on another column", f"is on {other}", f"{create} ({other})"),
        ("index second", f"leads with {other}", f"{create} ({other}, {column}{same})"),
        ("index of an expression", "is on an expression", f"{create} (({column} || ''))"),
        ("index brin", "is a BRIN index", f"{create} USING brin ({column})"),
    ):
        drop = f"DROP INDEX {name}"
        yield SchemaMutant(
            kind,
            f"{table.name}.{column}",
            f"The index on {table.name} ({column}{same}) {broken}.",
            table.name,
            canonical_and(drop, *((statement,) if statement else ())),
            _caught_by(table, index),
            (key_id("index-serves", table, index.columns),),
            names=(table.name, column),
        )


def _caught_by(table: Table, index: Index) -> frozenset[str]:
    ids = {key_id("index", table, index.columns), ONLY_ALLOWED_CHANGES, FROM_EMPTY}
    if index.name:
        ids.add(key_id("index-name", table, index.columns))
    return frozenset(ids)


def _another_column(table: Table, name: str) -> str:
    """A column that an index can be on, last in the table."""
    names = [c.name for c in table.columns if c.name != name and c.type in ("bigint", "text")]
    return names[-1]
