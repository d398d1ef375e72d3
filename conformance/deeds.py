"""Operations that write, one of each kind, with the row that is there once they were accepted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from .agent_registration import registration
from .answers import result_of
from .clocks import now_ms
from .economy_bench import ReopenedDriver
from .identities import agent_id, snowflake
from .table_rows import rows_of

_SETTINGS = {"prefix": "!", "nested": {"✓": [1, None]}}


@dataclass(frozen=True, slots=True)
class Deed:
    """An operation, and the values that a row of `table` has afterwards."""

    operation: str
    arguments: Mapping[str, object]
    table: str
    row: Mapping[str, object]

    def is_there(self, observer: psycopg.Connection[Any]) -> bool:
        return bool(rows_of(observer, self.table, **self.row))

    @property
    def told(self) -> str:
        """What has to be there, in words."""
        values = ", ".join(f"{column} = {value}" for column, value in self.row.items())
        return f"the row of {self.table} with {values}, which {self.operation} wrote"


def deeds(claims: Collection[str], number: int) -> list[Deed]:
    """One deed of each kind that is claimed; those of other numbers concern others."""
    someone, guild = {"user_id": snowflake(number)}, {"guild_id": snowflake(number)}
    wallet = {**someone, "balance": 100 + number}
    item = {**someone, "item_id": "sword", "quantity": 3}
    use = {**guild, "command": f"play{number}"}
    agent = registration(number)
    pool = {"pool_id": f"pool_deed{number}", "name": "Pool ✓"}
    runner = {"runner_id": f"runner-{number}"}
    entry = {**guild, **someone, "action": "settings.update"}
    now = now_ms()
    possible = (
        _deed("wallets.credit", "user_wallets", wallet, **_credit(number)),
        _deed("settings.save", "guild_settings", {**guild, "rev": 1}, **_save(number)),
        _deed("agents.register", "agent_bots", {"agent_id": agent_id(number)}, **agent),
        _deed("pools.create", "agent_pools", pool, **pool, **_owned(number)),
        _deed("runners.heartbeat", "agent_runners", runner, **runner, at_ms=now),
        _deed("commands.record", "command_stats", use, **use, ok=True, duration_ms=7, at_ms=now),
        _deed("audit.record", "audit_log", entry, **entry),
        _deed("inventory.add", "user_inventory", item, **item),
        _deed("streaks.claim", "user_streaks", someone, **someone, kind="daily", at_ms=now),
        _deed("pets.adopt", "user_pets", {**someone, "pet_type": "cat"}, **someone, pet_type="cat"),
    )
    return [deed for deed in possible if deed.operation in claims]


def perform(driver: ReopenedDriver, done: Iterable[Deed]) -> None:
    """Carry out deeds, which have to be accepted."""
    for deed in done:
        result_of(driver(deed.operation, **deed.arguments), deed.operation)


def _deed(operation: str, table: str, row: Mapping[str, object], **arguments: object) -> Deed:
    return Deed(operation, arguments, table, row)


def _credit(number: int) -> dict[str, object]:
    return {"user_id": snowflake(number), "amount": 100 + number, "reason": "daily ✓"}


def _save(number: int) -> dict[str, object]:
    return {"guild_id": snowflake(number), "data": _SETTINGS, "expected_rev": 0}


def _owned(number: int) -> dict[str, object]:
    return {"owner_user_id": snowflake(number), "visibility": "public"}
