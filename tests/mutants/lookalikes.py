"""Schemas that differ from the document's in what only the catalog, or only the planner, shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance import canonical_schema as schema
from conformance.canonical_schema import TABLES, Index, Table

from .partitioning import partitioned
from .schema_mutant import (
    FROM_EMPTY,
    ONLY_ALLOWED_CHANGES,
    SchemaMutant,
    all_of,
    canonical_and,
    canonical_without,
    key_id,
    writes,
)


def lookalike_mutants() -> Iterator[SchemaMutant]:
    yield from _columns()
    yield from _additions()
    yield _temporary()
    yield _check_not_enforced()
    for table in TABLES:
        for index in table.indexes:
            if index.name is not None:
                yield _index_renamed(table, index)
            if (table, index.columns) in _UNUSED:
                yield _index_unused(table, index)
            if table in _PARTITIONABLE:
                yield _index_invalid(table, index)


_UNUSED: Mapping[tuple[Table, tuple[str, ...]], str] = {
    (schema.AGENT_BOTS, ("pool_id",)): 'pool_id COLLATE "POSIX"',
    (schema.AGENT_POOLS, ("owner_user_id",)): 'owner_user_id COLLATE "POSIX"',
    (schema.AGENT_POOLS, ("visibility",)): 'visibility COLLATE "POSIX"',
    (schema.USER_WALLETS, ("balance",)): "balance DESC NULLS LAST",
    (schema.TRANSACTION_LOG, ("timestamp",)): "timestamp DESC NULLS LAST",
    (schema.USER_PETS, ("user_id",)): 'user_id COLLATE "POSIX"',
    (schema.USER_INVENTORY, ("user_id",)): 'user_id COLLATE "POSIX"',
}
_PARTITIONABLE = (
    schema.AGENT_POOLS,
    schema.USER_WALLETS,
    schema.TRANSACTION_LOG,
    schema.USER_PETS,
)


def _columns() -> Iterator[SchemaMutant]:
    """Columns whose values look right."""
    snowflake = "CREATE DOMAIN snowflake AS text CHECK (VALUE ~ '^[0-9]+$')"
    retype = "ALTER TABLE guild_settings ALTER guild_id TYPE snowflake"
    yield _of_column("domain", schema.GUILD_SETTINGS, "guild_id", snowflake, retype)
    enum = "CREATE TYPE visibility AS ENUM ('public', 'private')"
    drop = "ALTER TABLE agent_pools ALTER visibility DROP DEFAULT"
    retype = "ALTER TABLE agent_pools ALTER visibility TYPE visibility USING visibility::visibility"
    default = "ALTER TABLE agent_pools ALTER visibility SET DEFAULT 'private'"
    yield _of_column("enum", schema.AGENT_POOLS, "visibility", enum, drop, retype, default)
    frozen = "ALTER TABLE user_pets ALTER updated_at SET DEFAULT 'now'"
    yield _of_column("default frozen", schema.USER_PETS, "updated_at", frozen, prohibited=False)
    drop = "ALTER TABLE user_wallets DROP total_spent"
    add = (
        "ALTER TABLE user_wallets ADD total_spent bigint NOT NULL"
        " GENERATED ALWAYS AS (total_earned - balance) STORED"
    )
    yield _of_column("generated column", schema.USER_WALLETS, "total_spent", drop, add)
    yield SchemaMutant(
        "collation",
        "agent_pools.name",
        "agent_pools.name sorts by code point.",
        "agent_pools",
        canonical_and('ALTER TABLE agent_pools ALTER name TYPE text COLLATE "C"'),
        frozenset({ONLY_ALLOWED_CHANGES}),
        names=("agent_pools", "name"),
    )


def _of_column(
    kind: str, table: Table, column: str, *statements: str, prohibited: bool = True
) -> SchemaMutant:
    return SchemaMutant(
        kind,
        f"{table.name}.{column}",
        f"{table.name}.{column} is a {kind}.",
        table.name,
        canonical_and(*statements),
        frozenset(
            {f"schema.column.{table.name}.{column}"}
            | ({ONLY_ALLOWED_CHANGES} if prohibited else set())
        ),
        (*all_of(table), *([FROM_EMPTY] if table.checks else [])),
        names=(table.name, column),
    )


def _additions() -> Iterator[SchemaMutant]:
    """Additions that the policy does not allow."""
    for kind, table, addition, word in (
        ("column added", schema.USER_PETS, "ADD level integer NOT NULL", "level"),
        ("unique added", schema.AGENT_POOLS, "ADD UNIQUE (owner_user_id)", "owner_user_id"),
        ("unique added", schema.USER_INVENTORY, "ADD UNIQUE (item_id)", "item_id"),
        ("unique added", schema.USER_STREAKS, "ADD UNIQUE (daily_streak)", "daily_streak"),
    ):
        yield SchemaMutant(
            kind,
            f"{table.name}.{word}",
            f"{table.name} has an addition that refuses rows of version 1.0.0: {addition}.",
            table.name,
            canonical_and(f"ALTER TABLE {table.name} {addition}"),
            frozenset({ONLY_ALLOWED_CHANGES, writes(table)}),
            (*all_of(table), *([FROM_EMPTY] if table.checks else [])),
            names=(table.name,),
        )
    unique = "CREATE UNIQUE INDEX one_default ON agent_pools (visibility) WHERE name = 'Default'"
    yield SchemaMutant(
        "partial unique index added",
        "agent_pools.visibility",
        "agent_pools refuses a second pool of one name, sometimes.",
        "agent_pools",
        canonical_and(unique),
        frozenset({ONLY_ALLOWED_CHANGES}),
        names=("agent_pools", "visibility"),
    )


def _temporary() -> SchemaMutant:
    table = schema.AGENT_RUNNERS
    create = "CREATE TEMPORARY TABLE agent_runners (runner_id text PRIMARY KEY)"
    return SchemaMutant(
        "table temporary",
        table.name,
        "agent_runners is gone with the session that made it.",
        table.name,
        (*canonical_without(table.name), create),
        frozenset({f"schema.table.{table.name}", ONLY_ALLOWED_CHANGES, FROM_EMPTY}),
        all_of(table),
        names=(table.name,),
    )


def _check_not_enforced() -> SchemaMutant:
    table = schema.USER_WALLETS
    drop = "ALTER TABLE user_wallets DROP CONSTRAINT user_wallets_bank_check"
    add = "ALTER TABLE user_wallets ADD CHECK (bank >= 0) NOT ENFORCED"
    return SchemaMutant(
        "check not enforced",
        "user_wallets.bank",
        "The check on user_wallets.bank is for documentation only.",
        table.name,
        canonical_and(drop, add),
        frozenset({"schema.check.user_wallets.bank", FROM_EMPTY}),
        names=("user_wallets", "bank"),
    )


def _index_renamed(table: Table, index: Index) -> SchemaMutant:
    return SchemaMutant(
        "index renamed",
        f"{table.name}.{index.columns[0]}",
        f"{index.name} has another name.",
        table.name,
        canonical_and(f"ALTER INDEX {index.name} RENAME TO another_name"),
        frozenset({key_id("index-name", table, index.columns)}),
        names=(table.name, str(index.name)),
    )


def _index_unused(table: Table, index: Index) -> SchemaMutant:
    """The planner has no use for it: its order or its collation is not that of the query."""
    name = _name(table, index)
    keys = _UNUSED[table, index.columns]
    # A unique constraint that begins with the same column would do instead.
    turned = (
        statement
        for columns in table.unique
        for statement in (
            f"ALTER TABLE {table.name} DROP CONSTRAINT {table.name}_{'_'.join(columns)}_key",
            f"ALTER TABLE {table.name} ADD UNIQUE ({', '.join(columns[::-1])})",
        )
    )
    return SchemaMutant(
        "index unused",
        f"{table.name}.{index.columns[0]}",
        f"The index on {table.name} is on {keys}.",
        table.name,
        canonical_and(
            f"DROP INDEX {name}", f"CREATE INDEX {name} ON {table.name} ({keys})", *turned
        ),
        frozenset({key_id("index-serves", table, index.columns)}),
        names=(table.name, index.columns[0]),
    )


def _index_invalid(table: Table, index: Index) -> SchemaMutant:
    """Invalid, since the partition has no index to attach: no other way needs no failure."""
    name = _name(table, index)
    direction = " DESC" if index.descending else ""
    others = tuple(one for one in table.indexes if one is not index)
    statements = (
        *canonical_without(table.name),
        *partitioned(table, others),
        f"CREATE INDEX {name} ON ONLY {table.name} ({index.columns[0]}{direction})",
    )
    ids = {key_id("index", table, index.columns), ONLY_ALLOWED_CHANGES}
    if index.name:
        ids.add(key_id("index-name", table, index.columns))
    return SchemaMutant(
        "index invalid",
        f"{table.name}.{index.columns[0]}",
        f"The index on {table.name} ({index.columns[0]}) is not valid.",
        table.name,
        statements,
        frozenset(ids),
        (key_id("index-serves", table, index.columns), FROM_EMPTY),
        names=(table.name, index.columns[0]),
    )


def _name(table: Table, index: Index) -> str:
    return index.name or f"idx_{table.name}_{'_'.join(index.columns)}"
