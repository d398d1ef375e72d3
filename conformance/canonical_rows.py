"""Rows that an application of version 1.0.0 could have written, numbered; one function per table.

They keep to every meaning the document gives (snowflakes, formats, milliseconds, counts that add
up), so that an implementation that enforces more of it in the database still accepts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from .canonical_schema import Table

Row = dict[str, Any]

#: The freeze of the schema, 2026-02-14, in milliseconds.
_FROZEN_MS = 1_771_027_200_000
_FROZEN = datetime(2026, 2, 14, tzinfo=UTC)
_DEFAULT_POOL = "pool_goot27"
#: Spaces at both ends, upper case, beyond ASCII, an accent apart from its letter.
_ODD = "  もち Mochi ✓ e\N{COMBINING ACUTE ACCENT} "


def canonical_row(table: Table, number: int) -> Row:
    """Return a row of the table's columns but for a serial id; other numbers share no key with it.

    Number 0 has values at the edges: empty objects, large numbers, text that trimming, cutting or
    normalising would change.
    """
    row = _ROWS[table.name](number)
    return {column.name: row[column.name] for column in table.columns if not column.serial}


def prerequisites(table: Table) -> tuple[tuple[str, Row], ...]:
    """Return rows of other tables that have to be there first, should a reference be enforced."""
    if table.name != "agent_bots":
        return ()
    pools = (_DEFAULT_POOL, *(_pool_id(number) for number in range(4)))
    return tuple(("agent_pools", {**_agent_pool(0), "pool_id": pool}) for pool in pools)


def _guild_settings(n: int) -> Row:
    return {
        "guild_id": _snowflake(n),
        "data": Jsonb(
            {"prefix": "!", "selectedPoolId": _pool_id(n), "autorole": None} if n else {}
        ),
        "rev": n,
        "updated_at": _time(n),
    }


def _agent_bot(n: int) -> Row:
    return {
        "agent_id": f"agent{_snowflake(n)}",
        "token": f"b3BhcXVlIGNpcGhlcnRleHQgb2YgYSB0b2tlbg{n:06d}==",
        "client_id": _snowflake(n + 100),
        "tag": f"Agent {n:04d}#3092",
        "status": ("active", "inactive", "revoked")[n % 3],
        "created_at": _FROZEN_MS + n,
        "updated_at": _FROZEN_MS + n + 1,
        "pool_id": _pool_id(n % 4),
        "profile": Jsonb({"bio": "Ünïcödé ✓"}),
    }


def _agent_pool(n: int) -> Row:
    return {
        "pool_id": _pool_id(n),
        "owner_user_id": _snowflake(n),
        "name": f"Pool {n}" if n else _ODD,
        "visibility": ("public", "private")[n % 2],
        "created_at": _FROZEN_MS + n,
        "updated_at": _FROZEN_MS + n + 1,
        "meta": Jsonb({}),
    }


def _agent_runner(n: int) -> Row:
    return {
        "runner_id": f"runner-{n}",
        "last_seen": _FROZEN_MS + n,
        "meta": Jsonb({"host": "h1", "version": "1.0.0"}),
    }


def _schema_migration(n: int) -> Row:
    return {
        "version": f"20990101_{n:06d}",
        "description": f"Migration {n}",
        "applied_at": _time(n),
        "checksum": f"{n:064x}",
        "execution_time_ms": n,
    }


def _audit_log(n: int) -> Row:
    return {
        "guild_id": _snowflake(n),
        "user_id": _snowflake(n + 1),
        "action": "settings.update",
        "details": Jsonb({"before": None, "after": [1, 2.5, "x"]}),
        "created_at": _time(n),
    }


def _command_stats(n: int) -> Row:
    ok = 2**53 if n == 0 else n
    return {
        "guild_id": _snowflake(n),
        "command": f"play{n}",
        "ok": ok,
        "err": 1,
        "total_ms": 10 * ok,
        "count": ok + 1,
        "updated_at": _time(n),
    }


def _command_stats_daily(n: int) -> Row:
    return {"day": date(2026, 2, 14) + timedelta(days=n), **_command_stats(n)}


def _user_wallet(n: int) -> Row:
    balance = 2**62 if n == 0 else n
    return {
        "user_id": _snowflake(n),
        "balance": balance,
        "bank": n,
        "bank_capacity": 10_000 + n,
        "total_earned": balance,
        "total_spent": 0,
        "created_at": _FROZEN_MS + n,
        "updated_at": _FROZEN_MS + n + 1,
    }


def _transaction(n: int) -> Row:
    return {
        "from_user": _snowflake(n),
        "to_user": _snowflake(n + 1),
        "amount": 2**62 if n == 0 else n,
        "reason": "daily ✓" if n else f"daily{_ODD * 200}",
        "metadata": Jsonb({"note": n}),
        "timestamp": _FROZEN_MS + n,
    }


def _inventory_item(n: int) -> Row:
    return {
        "user_id": _snowflake(n),
        "item_id": f"item_{n}",
        "quantity": 2**31 - 1 if n == 0 else n,
        "metadata": Jsonb({}),
        "acquired_at": _FROZEN_MS + n,
    }


def _streak(n: int) -> Row:
    return {
        "user_id": _snowflake(n),
        "daily_streak": n,
        "weekly_streak": n,
        "last_daily": _FROZEN_MS + n,
        "last_weekly": _FROZEN_MS + n,
        "longest_daily": n + 1,
        "longest_weekly": n + 1,
        "streak_multiplier": Decimal("5.00") if n == 0 else Decimal("1.25"),
    }


def _pet(n: int) -> Row:
    return {
        "user_id": _snowflake(n),
        "pet_type": "cat",
        "name": f"Mochi {n}" if n else _ODD,
        "stats": Jsonb({"hunger": n} if n else {"level": "high", "mood": None, "": _ODD}),
        "created_at": _time(n),
        "updated_at": _time(n + 1),
    }


def _snowflake(n: int) -> str:
    return str(175_928_847_299_117_063 + n)


def _pool_id(n: int) -> str:
    return f"pool_user{n}"


def _time(n: int) -> datetime:
    return _FROZEN + timedelta(seconds=n)


_ROWS: Mapping[str, Callable[[int], Row]] = {
    "guild_settings": _guild_settings,
    "agent_bots": _agent_bot,
    "agent_pools": _agent_pool,
    "agent_runners": _agent_runner,
    "schema_migrations": _schema_migration,
    "audit_log": _audit_log,
    "command_stats": _command_stats,
    "command_stats_daily": _command_stats_daily,
    "user_wallets": _user_wallet,
    "transaction_log": _transaction,
    "user_inventory": _inventory_item,
    "user_streaks": _streak,
    "user_pets": _pet,
}
