"""Every primary key, unique constraint and check missing, or only looking like it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.canonical_schema import TABLES, Check, Table

from .schema_mutant import (
    FROM_EMPTY,
    ONLY_ALLOWED_CHANGES,
    SchemaMutant,
    canonical_and,
    canonical_but,
    key_id,
    writes,
)


def key_mutants() -> Iterator[SchemaMutant]:
    for table in TABLES:
        yield from _of_primary_key(table)
        for columns in table.unique:
            yield from _of_unique(table, columns)
        for check in table.checks:
            yield from _of_check(table, check)
            yield _on_insert_only(table, check)


def _of_primary_key(table: Table) -> Iterator[SchemaMutant]:
    changed = frozenset({f"schema.primary-key.{table.name}", ONLY_ALLOWED_CHANGES})
    columns = ", ".join(table.primary_key)
    gone = changed | {FROM_EMPTY}
    natural = not table.column(table.primary_key[0]).serial
    alter = f"ALTER TABLE {table.name}"

    def mutant(
        kind: str, broken: str, caught_by: frozenset[str], *statements: str, writes_fail: bool
    ) -> SchemaMutant:
        return SchemaMutant(
            kind,
            table.name,
            f"The primary key of {table.name} {broken}.",
            table.name,
            canonical_and(f"{alter} DROP CONSTRAINT {table.name}_pkey", *statements),
            caught_by | ({writes(table)} if writes_fail else set()),
            names=(table.name,),
        )

    yield mutant("primary key dropped", "is missing", gone, writes_fail=natural)
    yield mutant(
        "unique for primary key",
        "is a unique constraint",
        gone,
        f"{alter} ADD UNIQUE ({columns})",
        writes_fail=False,
    )
    yield mutant(
        "primary key deferrable",
        "can be deferred",
        frozenset({ONLY_ALLOWED_CHANGES}),
        f"{alter} ADD PRIMARY KEY ({columns}) DEFERRABLE INITIALLY DEFERRED",
        writes_fail=natural,
    )
    if len(table.primary_key) > 1:
        yield mutant(
            "primary key in another order",
            "has its columns in another order",
            changed,
            f"{alter} ADD PRIMARY KEY ({', '.join(reversed(table.primary_key))})",
            writes_fail=False,
        )
        yield mutant(
            "primary key of fewer columns",
            "lacks its last column",
            changed,
            f"{alter} ADD PRIMARY KEY ({', '.join(table.primary_key[:-1])})",
            writes_fail=True,
        )


def _of_unique(table: Table, columns: tuple[str, ...]) -> Iterator[SchemaMutant]:
    id_ = key_id("unique", table, columns)
    name = f"{table.name}_{'_'.join(columns)}_key"
    listed = ", ".join(columns)
    partial = f"CREATE UNIQUE INDEX {name} ON {table.name} ({listed}) WHERE {columns[0]} <> ''"
    deferred = (
        f"ALTER TABLE {table.name} ADD CONSTRAINT {name} UNIQUE ({listed})"
        " DEFERRABLE INITIALLY DEFERRED"
    )
    plain = f"CREATE INDEX {name} ON {table.name} ({listed})"
    for kind, broken, statements, from_empty in (
        ("unique dropped", "is missing", (), True),
        ("unique partial", "is an index for some rows only", (partial,), True),
        ("unique deferred", "is checked at the end of the transaction", (deferred,), False),
        ("plain index for unique", "is a plain index", (plain,), True),
    ):
        caught_by = {id_, ONLY_ALLOWED_CHANGES, writes(table)}
        yield SchemaMutant(
            kind,
            f"{table.name}.{','.join(columns)}",
            f"The unique constraint on {table.name} ({listed}) {broken}.",
            table.name,
            canonical_and(f"ALTER TABLE {table.name} DROP CONSTRAINT {name}", *statements),
            frozenset(caught_by | ({FROM_EMPTY} if from_empty else set())),
            names=(table.name, *columns),
        )


def _of_check(table: Table, check: Check) -> Iterator[SchemaMutant]:
    id_ = f"schema.check.{table.name}.{check.column}"
    others = tuple(one for one in table.checks if one is not check)
    for expression in ("true", *_off_by_one(check)):
        changed = replace(check, expression=expression)
        yield SchemaMutant(
            "check dropped" if expression == "true" else "check off by one",
            f"{table.name}.{check.column} {'' if expression == 'true' else expression}".strip(),
            f"The check on {table.name}.{check.column} is {expression}.",
            table.name,
            canonical_but(replace(table, checks=(*others, changed))),
            frozenset({id_}),
            (
                FROM_EMPTY,
                writes(table),
                f"schema.column.{table.name}.*",
                f"schema.unique.{table.name}.*",
                "schema.index-serves.*",
            ),
            names=(table.name, check.column),
        )


def _on_insert_only(table: Table, check: Check) -> SchemaMutant:
    name = f"refuse_{table.name}_{check.column}()"
    condition = check.expression.replace(check.column, f"NEW.{check.column}")
    others = tuple(one for one in table.checks if one is not check)
    return SchemaMutant(
        "check on insert only",
        f"{table.name}.{check.column}",
        f"An update may give {table.name}.{check.column} any value.",
        table.name,
        (
            *canonical_but(replace(table, checks=others)),
            f"CREATE FUNCTION {name} RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF NOT ({condition}) THEN RAISE 'no' USING ERRCODE = '23514'; END IF;"
            " RETURN NEW; END $$",
            f"CREATE TRIGGER refuses BEFORE INSERT ON {table.name}"
            f" FOR EACH ROW EXECUTE FUNCTION {name}",
        ),
        frozenset({f"schema.check.{table.name}.{check.column}"}),
        (FROM_EMPTY,),
        names=(table.name, check.column, "update"),
    )


def _off_by_one(check: Check) -> tuple[str, ...]:
    column = check.column
    if column == "quantity":
        return ("quantity >= 0", "quantity > 1", "quantity <> 0")
    if column == "streak_multiplier":
        return (
            "streak_multiplier > 1.00 AND streak_multiplier <= 5.00",
            "streak_multiplier >= 0.99 AND streak_multiplier <= 5.00",
            "streak_multiplier >= 1.00 AND streak_multiplier < 5.00",
            "streak_multiplier >= 1.00 AND streak_multiplier <= 5.01",
            "streak_multiplier >= 1.00",
            "streak_multiplier <= 5.00",
        )
    return (f"{column} > 0", f"{column} >= -1", f"{column} <> -1", f"abs({column}) >= 0")
