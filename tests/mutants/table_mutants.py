"""Every table missing, or something else than a permanent table."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.canonical_ddl import create_index
from conformance.canonical_schema import AUDIT_LOG, TABLES, USER_PETS, Table

from .partitioning import partitioned
from .schema_mutant import (
    FROM_EMPTY,
    ONLY_ALLOWED_CHANGES,
    SchemaMutant,
    all_of,
    canonical_and,
    canonical_without,
)


def table_mutants() -> Iterator[SchemaMutant]:
    for table in TABLES:
        yield _dropped(table)
        yield _renamed(table)
        yield _elsewhere(table)
        yield _unlogged(table)
        yield _view(table)
        yield _materialized_view(table)
    for table in (AUDIT_LOG, USER_PETS):
        yield _unlogged_partition(table)


def _dropped(table: Table) -> SchemaMutant:
    return _gone("table dropped", "is missing", table, canonical_without(table.name))


def _renamed(table: Table) -> SchemaMutant:
    rename = f"ALTER TABLE {table.name} RENAME TO {table.name}_old"
    return _gone("table renamed", "has another name", table, canonical_and(rename))


def _elsewhere(table: Table) -> SchemaMutant:
    move = f"ALTER TABLE {table.name} SET SCHEMA elsewhere"
    statements = canonical_and("CREATE SCHEMA elsewhere", move)
    return _gone("table elsewhere", "is in another schema than the rest", table, statements)


def _gone(kind: str, what: str, table: Table, statements: tuple[str, ...]) -> SchemaMutant:
    return SchemaMutant(
        kind,
        table.name,
        f"{table.name} {what}.",
        table.name,
        statements,
        frozenset({f"schema.table.{table.name}", ONLY_ALLOWED_CHANGES, FROM_EMPTY}),
        collateral=all_of(table),
        names=(table.name,),
    )


def _unlogged(table: Table) -> SchemaMutant:
    return SchemaMutant(
        "table unlogged",
        table.name,
        f"{table.name} loses its rows in a crash.",
        table.name,
        canonical_and(f"ALTER TABLE {table.name} SET UNLOGGED"),
        frozenset({f"schema.table.{table.name}", ONLY_ALLOWED_CHANGES}),
        names=(table.name, "unlogged"),
    )


def _unlogged_partition(table: Table) -> SchemaMutant:
    *others, last = (one for one in partitioned(table, ()))
    unlogged = last.replace("CREATE TABLE", "CREATE UNLOGGED TABLE")
    indexes = (create_index(table, index) for index in table.indexes)
    return SchemaMutant(
        "partition unlogged",
        table.name,
        f"One of the partitions of {table.name} is UNLOGGED.",
        table.name,
        (*canonical_without(table.name), *others, unlogged, *indexes),
        frozenset({f"schema.table.{table.name}"}),
        (ONLY_ALLOWED_CHANGES,),
        names=(f"{table.name}_1",),
    )


def _view(table: Table) -> SchemaMutant:
    return _replaced(table, "view", f"CREATE VIEW {table.name} AS SELECT * FROM {table.name}_rows")


def _materialized_view(table: Table) -> SchemaMutant:
    create = f"CREATE MATERIALIZED VIEW {table.name} AS SELECT * FROM {table.name}_rows"
    return _replaced(table, "materialized view", create)


def _replaced(table: Table, kind: str, create: str) -> SchemaMutant:
    rename = f"ALTER TABLE {table.name} RENAME TO {table.name}_rows"
    return SchemaMutant(
        f"{kind} for table",
        table.name,
        f"{table.name} is a {kind} of another table.",
        table.name,
        canonical_and(rename, create),
        frozenset({f"schema.table.{table.name}", ONLY_ALLOWED_CHANGES}),
        collateral=(*all_of(table), FROM_EMPTY),
        names=(table.name, kind),
    )
