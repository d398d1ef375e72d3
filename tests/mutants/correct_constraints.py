"""Keys, checks and indexes written otherwise, and such as are added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance import canonical_schema as schema
from conformance.canonical_schema import TABLES, Table

from .correct_variant import EVERYTHING, CorrectVariant, instead, made_of, then
from .partitioning import partitioned

_NAMED_INDEXES = {
    "schema.index-name.user_wallets.balance": "idx_wallets_balance",
    "schema.index-name.transaction_log.timestamp": "idx_transactions_time",
    "schema.index-name.user_inventory.user_id": "idx_inventory_user",
    "schema.index-name.user_pets.user_id": "idx_user_pets_user_id",
}


def constraint_variants() -> Iterator[CorrectVariant]:
    yield from _names()
    yield from _checks()
    yield from _unique()
    yield from _indexes()
    yield from _partitions()
    yield from _meanings()
    yield from _references()


def _names() -> Iterator[CorrectVariant]:
    rename = "ALTER TABLE {0} RENAME CONSTRAINT {0}_{1} TO {1}_of_{0}"
    yield then(
        "other names of constraints",
        *(rename.format(table.name, "pkey") for table in TABLES),
        rename.format("user_inventory", "user_id_item_id_key"),
        rename.format("user_wallets", "balance_check"),
    )
    renames = (f"ALTER INDEX {name} RENAME TO {name}_2" for name in _NAMED_INDEXES.values())
    variant = then("other names of indexes", *renames)
    yield replace(variant, against=frozenset(_NAMED_INDEXES))


def _checks() -> Iterator[CorrectVariant]:
    for name, wallets, quantity, multiplier in (
        (
            "checks negated",
            ("NOT (balance < 0)", "NOT bank < 0"),
            "NOT quantity <= 0",
            "NOT (streak_multiplier < 1 OR streak_multiplier > 5)",
        ),
        (
            "checks of neighbours",
            ("balance > -1", "-1 < bank"),
            "quantity >= 1",
            "streak_multiplier BETWEEN 1.00 AND 5.00",
        ),
        (
            "checks by functions",
            ("sign(balance) >= 0", "abs(bank) = bank"),
            "greatest(quantity, 1) = quantity",
            "streak_multiplier = least(greatest(streak_multiplier, 1), 5)",
        ),
    ):
        yield made_of(
            name,
            [
                _checked(_checked(table, "quantity", quantity), "streak_multiplier", multiplier)
                if table != schema.USER_WALLETS
                else _checked(_checked(table, "balance", wallets[0]), "bank", wallets[1])
                for table in TABLES
            ],
        )
    drop = "ALTER TABLE user_wallets DROP CONSTRAINT user_wallets_{}_check"
    drops = (drop.format("balance"), drop.format("bank"))
    one = "ALTER TABLE user_wallets ADD CONSTRAINT no_debts CHECK (least(balance, bank) >= 0)"
    yield then("one check for two columns", *drops, one)
    for suffix in ("NOT VALID", "NO INHERIT"):
        add = f"ALTER TABLE user_wallets ADD CHECK (balance >= 0) {suffix}"
        yield then(f"check {suffix}", drops[0], add)
    split = ("streak_multiplier >= 1.00", "streak_multiplier <= 5.00")
    yield then(
        "two checks for two bounds",
        "ALTER TABLE user_streaks DROP CONSTRAINT user_streaks_streak_multiplier_check",
        *(f"ALTER TABLE user_streaks ADD CHECK ({bound})" for bound in split),
    )


def _unique() -> Iterator[CorrectVariant]:
    drop = "ALTER TABLE user_inventory DROP CONSTRAINT user_inventory_user_id_item_id_key"
    for name, index in (
        ("unique index for constraint", "(user_id, item_id)"),
        ("unique index in another order", "(item_id, user_id)"),
        ("unique index with more columns", "(user_id, item_id) INCLUDE (quantity)"),
    ):
        yield then(name, drop, f"CREATE UNIQUE INDEX owned_items ON user_inventory {index}")
    reverse = "ALTER TABLE user_inventory ADD UNIQUE (item_id, user_id)"
    yield then("unique in another order", drop, reverse)
    wider = "ALTER TABLE user_inventory ADD UNIQUE (user_id, item_id, acquired_at)"
    yield then("unique that is implied", wider)


def _indexes() -> Iterator[CorrectVariant]:
    yield then(
        "indexes added",
        "CREATE INDEX ON user_wallets (bank) WHERE bank > 0",
        "CREATE INDEX ON agent_bots (lower(tag))",
        "CREATE INDEX ON agent_bots USING hash (status)",
        "CREATE INDEX ON guild_settings USING gin (data)",
        "CREATE INDEX ON audit_log USING brin (created_at)",
        "CREATE INDEX ON audit_log (guild_id, created_at DESC)",
    )
    yield then(
        "covering indexes",
        "DROP INDEX idx_wallets_balance, idx_user_pets_user_id",
        "CREATE INDEX idx_wallets_balance ON user_wallets (balance DESC) INCLUDE (user_id)",
        "CREATE INDEX idx_user_pets_user_id ON user_pets (user_id) INCLUDE (name)",
    )
    yield then(
        "indexes of more columns",
        "DROP INDEX idx_transactions_time, idx_inventory_user",
        "CREATE INDEX idx_transactions_time ON transaction_log (timestamp DESC, to_user)",
        "CREATE INDEX idx_inventory_user ON user_inventory (user_id, acquired_at)",
    )
    yield then("an index twice", "CREATE INDEX ON user_wallets (balance DESC)")
    fill = "ALTER INDEX idx_wallets_balance SET (fillfactor = 70, deduplicate_items = off)"
    yield then("storage of an index", fill)


def _partitions() -> Iterator[CorrectVariant]:
    for table in (
        schema.GUILD_SETTINGS,
        schema.USER_WALLETS,
        schema.AGENT_POOLS,
        schema.USER_PETS,
        schema.COMMAND_STATS,
    ):
        variant = instead(f"{table.name} partitioned", table, *partitioned(table))
        yield replace(variant, areas=EVERYTHING)


def _meanings() -> Iterator[CorrectVariant]:
    """What the document says in words, enforced by the database."""
    for name, table, condition in (
        ("visibility", "agent_pools", "visibility IN ('public', 'private')"),
        ("status", "agent_bots", "status = ANY ('{active,inactive,revoked}')"),
        ("format of agent ids", "agent_bots", "agent_id ~ '^agent[0-9]+$'"),
        ("format of pool ids", "agent_pools", "pool_id LIKE 'pool\\_%'"),
        ("format of versions", "schema_migrations", "version ~ '^[0-9]{8}_[0-9]{6}$'"),
        ("format of checksums", "schema_migrations", "length(checksum) = 64"),
        ("snowflakes", "user_wallets", "user_id ~ '^[0-9]{17,20}$'"),
        ("positive amounts", "transaction_log", "amount > 0"),
        ("counts", "command_stats", "ok >= 0 AND err >= 0 AND total_ms >= 0"),
        ("streaks", "user_streaks", "daily_streak >= 0 AND weekly_streak >= 0"),
        ("settings are an object", "guild_settings", "jsonb_typeof(data) = 'object'"),
    ):
        yield then(f"check of {name}", f"ALTER TABLE {table} ADD CHECK ({condition})")


def _references() -> Iterator[CorrectVariant]:
    pool = (
        "INSERT INTO agent_pools (pool_id, owner_user_id, name, created_at, updated_at)"
        " VALUES ('pool_goot27', '175928847299117063', 'Default', 0, 0)"
    )
    add = "ALTER TABLE agent_bots ADD FOREIGN KEY (pool_id) REFERENCES agent_pools"
    yield then("pools referenced", pool, add)
    yield then("pools referenced, without a default pool", add)
    yield then("pools referenced at COMMIT", pool, f"{add} DEFERRABLE INITIALLY DEFERRED")
    yield then("pools referenced, set null", pool, f"{add} ON DELETE SET NULL ON UPDATE CASCADE")


def _checked(table: Table, column: str, expression: str) -> Table:
    checks = tuple(
        replace(check, expression=expression) if check.column == column else check
        for check in table.checks
    )
    return replace(table, checks=checks)
