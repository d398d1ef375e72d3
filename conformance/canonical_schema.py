"""The frozen schema, version 1.0.0, as data: what DATABASE_SCHEMA.md says of the 13 tables.

Everything the suite expects of a table, column, key, check or index is read from here. A test
runs the document's own SQL and compares, so this cannot drift from the document.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `type` is as `format_type` writes it, `default` is SQL; `serial`: a sequence."""

    name: str
    type: str
    nullable: bool = False
    default: str | None = None
    serial: bool = False

    @property
    def required(self) -> bool:
        """An insert has to name it."""
        return not (self.nullable or self.serial or self.default is not None)


@dataclass(frozen=True, slots=True)
class Check:
    """One check with the values next to its bounds, as SQL literals: accepted and refused ones."""

    column: str
    expression: str
    accepted: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """One index; `serves` is a query it is there for, with `%s` for a value of its first column."""

    columns: tuple[str, ...]
    serves: str
    descending: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the document; `section` is the heading under which it stands."""

    name: str
    section: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    immutable: bool = False

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def only(self, names: Container[str]) -> Table:
        """The table with those of its columns alone, for rows of a table that lacks some."""
        return replace(self, columns=tuple(c for c in self.columns if c.name in names))

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Every set of columns that identifies a row: the primary key, then the unique ones."""
        return (self.primary_key, *self.unique)


def _text(name: str, *, nullable: bool = False, default: str | None = None) -> Column:
    return Column(name, "text", nullable, default)


def _json(name: str, *, nullable: bool = True, default: str | None = None) -> Column:
    return Column(name, "jsonb", nullable, default)


def _bigint(name: str, *, nullable: bool = False, default: str | None = None) -> Column:
    return Column(name, "bigint", nullable, default)


def _integer(name: str, *, nullable: bool = False, default: str | None = None) -> Column:
    return Column(name, "integer", nullable, default)


def _now(name: str) -> Column:
    return Column(name, "timestamp with time zone", default="now()")


def _serial(type_: str) -> Column:
    return Column("id", type_, serial=True)


_COUNTERS = tuple(_bigint(name, default="0") for name in ("ok", "err", "total_ms", "count"))
_EMPTY_OBJECT = "'{}'::jsonb"

GUILD_SETTINGS = Table(
    "guild_settings",
    "1. guild_settings",
    (
        _text("guild_id"),
        _json("data", nullable=False),
        _integer("rev", default="0"),
        _now("updated_at"),
    ),
    primary_key=("guild_id",),
)

AGENT_BOTS = Table(
    "agent_bots",
    "2. agent_bots",
    (
        _serial("integer"),
        _text("agent_id"),
        _text("token"),
        _text("client_id"),
        _text("tag"),
        _text("status", default="'active'"),
        _bigint("created_at"),
        _bigint("updated_at"),
        _text("pool_id", nullable=True, default="'pool_goot27'"),
        _json("profile"),
    ),
    primary_key=("id",),
    unique=(("agent_id",), ("token",), ("client_id",)),
    indexes=(Index(("pool_id",), "SELECT agent_id FROM agent_bots WHERE pool_id = %s"),),
)

AGENT_POOLS = Table(
    "agent_pools",
    "3. agent_pools",
    (
        _text("pool_id"),
        _text("owner_user_id"),
        _text("name"),
        _text("visibility", default="'private'"),
        _bigint("created_at"),
        _bigint("updated_at"),
        _json("meta"),
    ),
    primary_key=("pool_id",),
    indexes=(
        Index(("owner_user_id",), "SELECT name FROM agent_pools WHERE owner_user_id = %s"),
        Index(("visibility",), "SELECT name FROM agent_pools WHERE visibility = %s"),
    ),
)

AGENT_RUNNERS = Table(
    "agent_runners",
    "4. agent_runners",
    (_text("runner_id"), _bigint("last_seen"), _json("meta")),
    primary_key=("runner_id",),
)

SCHEMA_MIGRATIONS = Table(
    "schema_migrations",
    "5. schema_migrations",
    (
        _text("version"),
        _text("description"),
        _now("applied_at"),
        _text("checksum"),
        _integer("execution_time_ms", nullable=True),
    ),
    primary_key=("version",),
    immutable=True,
)

AUDIT_LOG = Table(
    "audit_log",
    "6. audit_log",
    (
        _serial("bigint"),
        _text("guild_id"),
        _text("user_id"),
        _text("action"),
        _json("details"),
        _now("created_at"),
    ),
    primary_key=("id",),
)

COMMAND_STATS = Table(
    "command_stats",
    "7. command_stats",
    (_text("guild_id"), _text("command"), *_COUNTERS, _now("updated_at")),
    primary_key=("guild_id", "command"),
)

COMMAND_STATS_DAILY = Table(
    "command_stats_daily",
    "8. command_stats_daily",
    (Column("day", "date"), _text("guild_id"), _text("command"), *_COUNTERS, _now("updated_at")),
    primary_key=("day", "guild_id", "command"),
)

USER_WALLETS = Table(
    "user_wallets",
    "9. user_wallets",
    (
        _text("user_id"),
        _bigint("balance", default="0"),
        _bigint("bank", default="0"),
        _bigint("bank_capacity", default="10000"),
        _bigint("total_earned", default="0"),
        _bigint("total_spent", default="0"),
        _bigint("created_at"),
        _bigint("updated_at"),
    ),
    primary_key=("user_id",),
    checks=(
        Check("balance", "balance >= 0", accepted=("0", "1"), refused=("-1", "-1000")),
        Check("bank", "bank >= 0", accepted=("0", "1"), refused=("-1", "-1000")),
    ),
    indexes=(
        Index(
            ("balance",),
            "SELECT user_id, balance FROM user_wallets ORDER BY balance DESC LIMIT 10",
            descending=True,
            name="idx_wallets_balance",
        ),
    ),
)

TRANSACTION_LOG = Table(
    "transaction_log",
    "10. transaction_log",
    (
        _serial("integer"),
        _text("from_user", nullable=True),
        _text("to_user", nullable=True),
        _bigint("amount"),
        _text("reason"),
        _json("metadata", default=_EMPTY_OBJECT),
        _bigint("timestamp"),
    ),
    primary_key=("id",),
    indexes=(
        Index(
            ("timestamp",),
            "SELECT to_user, amount FROM transaction_log ORDER BY timestamp DESC LIMIT 50",
            descending=True,
            name="idx_transactions_time",
        ),
    ),
    immutable=True,
)

USER_INVENTORY = Table(
    "user_inventory",
    "11. user_inventory",
    (
        _serial("integer"),
        _text("user_id"),
        _text("item_id"),
        _integer("quantity", default="1"),
        _json("metadata", default=_EMPTY_OBJECT),
        _bigint("acquired_at"),
    ),
    primary_key=("id",),
    unique=(("user_id", "item_id"),),
    checks=(Check("quantity", "quantity > 0", accepted=("1", "2"), refused=("0", "-1")),),
    indexes=(
        Index(
            ("user_id",),
            "SELECT item_id, quantity FROM user_inventory WHERE user_id = %s",
            name="idx_inventory_user",
        ),
    ),
)

USER_STREAKS = Table(
    "user_streaks",
    "12. user_streaks",
    (
        _text("user_id"),
        _integer("daily_streak", default="0"),
        _integer("weekly_streak", default="0"),
        _bigint("last_daily", nullable=True),
        _bigint("last_weekly", nullable=True),
        _integer("longest_daily", default="0"),
        _integer("longest_weekly", default="0"),
        Column("streak_multiplier", "numeric(3,2)", default="1.00"),
    ),
    primary_key=("user_id",),
    checks=(
        # numeric(3,2) rounds before the check sees the value: 0.996 is 1.00, 5.004 is 5.00.
        Check(
            "streak_multiplier",
            "streak_multiplier >= 1.00 AND streak_multiplier <= 5.00",
            accepted=("1.00", "5.00", "0.996", "5.004"),
            refused=("0.99", "5.01", "0.994", "5.005"),
        ),
    ),
)

USER_PETS = Table(
    "user_pets",
    "13. user_pets",
    (
        _serial("bigint"),
        _text("user_id"),
        _text("pet_type"),
        _text("name", nullable=True),
        _json("stats", default=_EMPTY_OBJECT),
        _now("created_at"),
        _now("updated_at"),
    ),
    primary_key=("id",),
    indexes=(
        Index(
            ("user_id",),
            "SELECT pet_type, name FROM user_pets WHERE user_id = %s",
            name="idx_user_pets_user_id",
        ),
    ),
)

TABLES: tuple[Table, ...] = (
    GUILD_SETTINGS,
    AGENT_BOTS,
    AGENT_POOLS,
    AGENT_RUNNERS,
    SCHEMA_MIGRATIONS,
    AUDIT_LOG,
    COMMAND_STATS,
    COMMAND_STATS_DAILY,
    USER_WALLETS,
    TRANSACTION_LOG,
    USER_INVENTORY,
    USER_STREAKS,
    USER_PETS,
)
