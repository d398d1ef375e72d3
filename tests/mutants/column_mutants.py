"""Every column missing, renamed, of another type, nullability or default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from conformance.canonical_schema import TABLES, Column, Table

from .schema_mutant import (
    FROM_EMPTY,
    ONLY_ALLOWED_CHANGES,
    SchemaMutant,
    all_of,
    canonical_and,
    canonical_but,
    column_id,
    writes,
)

#: Types that a column of the document's type could be mistaken for.
_LOOKALIKES: Mapping[str, tuple[str, ...]] = {
    "text": ("character varying", "character varying(20)"),
    "jsonb": ("json", "text"),
    "bigint": ("integer", "numeric", "double precision"),
    "integer": ("bigint", "smallint"),
    "timestamp with time zone": (
        "timestamp without time zone",
        "timestamp(0) with time zone",
        "bigint",
    ),
    "date": ("timestamp with time zone", "text"),
    "numeric(3,2)": ("numeric", "numeric(4,2)", "numeric(3,1)", "double precision"),
}

#: A default that the document gives to no column of the type.
_OTHER_DEFAULT: Mapping[str, str] = {
    "text": "'other'",
    "jsonb": """'{"other": 1}'::jsonb""",
    "bigint": "7",
    "integer": "7",
    "timestamp with time zone": "'2020-01-01 00:00:00+00'::timestamptz",
    "date": "'2020-01-01'::date",
    "numeric(3,2)": "2.50",
}


def column_mutants() -> Iterator[SchemaMutant]:
    for table in TABLES:
        for column in table.columns:
            yield _dropped(table, column)
            yield _renamed(table, column)
            if column.serial:
                yield from _of_serial(table, column)
                continue
            yield from _retyped(table, column)
            if column.name not in table.primary_key:
                yield _other_nullability(table, column)
            yield _other_default(table, column)
            if column.default is not None:
                yield _without_default(table, column)
            if column.default == "now()":
                yield _in_the_clients_zone(table, column)


def _dropped(table: Table, column: Column) -> SchemaMutant:
    statement = f"ALTER TABLE {table.name} DROP COLUMN {column.name} CASCADE"
    return _gone("column dropped", "is missing", table, column, statement)


def _renamed(table: Table, column: Column) -> SchemaMutant:
    statement = f"ALTER TABLE {table.name} RENAME COLUMN {column.name} TO {column.name}_old"
    mutant = _gone("column renamed", "has another name", table, column, statement)
    # Under its new name it is a column that no row of version 1.0.0 fills.
    return replace(mutant, collateral=all_of(table)) if column.required else mutant


def _gone(kind: str, what: str, table: Table, column: Column, statement: str) -> SchemaMutant:
    caught_by = frozenset({column_id(table, column), ONLY_ALLOWED_CHANGES, FROM_EMPTY})
    return _mutant(
        kind,
        what,
        table,
        column,
        canonical_and(statement),
        caught_by,
        (writes(table), f"schema.index-serves.{table.name}.*", *_parts_with(table, column)),
    )


def _retyped(table: Table, column: Column) -> Iterator[SchemaMutant]:
    for type_ in _LOOKALIKES[column.type]:
        default = None if (column.default, type_) == ("now()", "bigint") else column.default
        yield _mutant(
            f"column {column.type} as {type_}",
            f"is {type_}",
            table,
            column,
            canonical_but(_with(table, replace(column, type=type_, default=default))),
            frozenset({column_id(table, column), ONLY_ALLOWED_CHANGES}),
            (*all_of(table), *([FROM_EMPTY] if table.checks else [])),
        )


def _other_nullability(table: Table, column: Column) -> SchemaMutant:
    changed = _with(table, replace(column, nullable=not column.nullable))
    if not column.nullable:
        return _mutant(
            "column nullable",
            "accepts NULL",
            table,
            column,
            canonical_but(changed),
            frozenset({column_id(table, column)}),
            (writes(table),),
        )
    return _mutant(
        "column not null",
        "refuses NULL",
        table,
        column,
        canonical_but(changed),
        frozenset({column_id(table, column), ONLY_ALLOWED_CHANGES, writes(table)}),
        (f"schema.index-serves.{table.name}.*",),
    )


def _other_default(table: Table, column: Column) -> SchemaMutant:
    return _mutant(
        "default added" if column.default is None else "default changed",
        f"has the default {_OTHER_DEFAULT[column.type]}",
        table,
        column,
        canonical_but(_with(table, replace(column, default=_OTHER_DEFAULT[column.type]))),
        frozenset({column_id(table, column)}),
        (writes(table),),
    )


def _without_default(table: Table, column: Column) -> SchemaMutant:
    return _mutant(
        "default dropped",
        "has no default",
        table,
        column,
        canonical_but(_with(table, replace(column, default=None))),
        frozenset({column_id(table, column), writes(table)}),
        (f"schema.index-serves.{table.name}.*",),
    )


def _in_the_clients_zone(table: Table, column: Column) -> SchemaMutant:
    """The clock of the client's wall, taken for one in UTC."""
    default = "(now()::timestamp AT TIME ZONE 'UTC')"
    return _mutant(
        "default by time zone",
        f"has the default {default}",
        table,
        column,
        canonical_but(_with(table, replace(column, default=default))),
        frozenset({column_id(table, column)}),
        (writes(table),),
    )


def _of_serial(table: Table, column: Column) -> Iterator[SchemaMutant]:
    alter = f"ALTER TABLE {table.name} ALTER COLUMN {column.name}"
    no_default = f"{alter} DROP DEFAULT"
    for kind, broken, statements in (
        ("serial without default", "draws from no sequence", (no_default,)),
        ("serial constant", "is always 7", (f"{alter} SET DEFAULT 7",)),
        (
            "identity always",
            "refuses an id that is given",
            (no_default, f"{alter} ADD GENERATED ALWAYS AS IDENTITY"),
        ),
    ):
        caught_by = frozenset({column_id(table, column), writes(table)})
        collateral = (*all_of(table), *([FROM_EMPTY] if table.checks else []))
        mutant = _mutant(
            kind, broken, table, column, canonical_and(*statements), caught_by, collateral
        )
        yield replace(mutant, names=(table.name,))
    yield _mutant(
        "serial that ends early",
        "has a hundred thousand ids",
        table,
        column,
        canonical_and(f"ALTER SEQUENCE {table.name}_{column.name}_seq MAXVALUE 100000"),
        frozenset({column_id(table, column)}),
        # What gives an id of its own choice may lie beyond.
        (writes(table), f"schema.index-serves.{table.name}.*"),
    )
    other = "integer" if column.type == "bigint" else "bigint"
    yield _mutant(
        f"serial {column.type} as {other}",
        f"is {other}",
        table,
        column,
        canonical_and(f"{alter} TYPE {other}"),
        frozenset({column_id(table, column), ONLY_ALLOWED_CHANGES}),
    )


def _mutant(
    kind: str,
    broken: str,
    table: Table,
    column: Column,
    statements: tuple[str, ...],
    caught_by: frozenset[str],
    collateral: tuple[str, ...] = (),
) -> SchemaMutant:
    return SchemaMutant(
        kind,
        f"{table.name}.{column.name}",
        f"{table.name}.{column.name} {broken}.",
        table.name,
        statements,
        caught_by,
        collateral,
        names=(table.name, column.name),
    )


def _with(table: Table, changed: Column) -> Table:
    columns = tuple(changed if c.name == changed.name else c for c in table.columns)
    return replace(table, columns=columns)


def _parts_with(table: Table, column: Column) -> Iterator[str]:
    """Patterns of the keys, checks and indexes that a column is part of."""
    if column.name in table.primary_key:
        yield f"schema.primary-key.{table.name}"
    for columns in table.unique:
        if column.name in columns:
            yield f"schema.unique.{table.name}.{','.join(columns)}"
    yield f"schema.check.{table.name}.{column.name}"
    yield f"schema.index*.{table.name}.{column.name}"
