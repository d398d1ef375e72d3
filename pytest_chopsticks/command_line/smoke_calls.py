"""One sensible call of every operation, in an order in which each finds what it needs.

What an operation leaves behind for later ones is written by a statement instead, where the
implementation does not claim it; the statements name only columns of the document.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_GUILD, _OWNER, _USER, _OTHER = (str(175_928_847_299_117_063 + n) for n in range(4))
_AGENT, _CLIENT, _POOL, _DEFAULT_POOL = f"agent{_OWNER}", _OWNER, "pool_smoke", "pool_goot27"
_ITEM = "fishing_rod"


@dataclass(frozen=True, slots=True)
class SmokeCall:
    """`stand_in` is the SQL that leaves behind what the operation would have."""

    operation: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    stand_in: str | None = None


#: What the suite itself puts there before anything is called; parameters are `FACTS`.
PREPARATION = """
INSERT INTO agent_pools (pool_id, owner_user_id, name, visibility, created_at, updated_at)
VALUES (%(default_pool)s, %(owner)s, 'Default', 'public', %(now)s, %(now)s)
ON CONFLICT (pool_id) DO NOTHING
"""

_POOL_ROW = """
INSERT INTO agent_pools (pool_id, owner_user_id, name, created_at, updated_at)
VALUES (%(pool)s, %(owner)s, 'Smoke', %(now)s, %(now)s)
"""
_SETTINGS_ROW = """
INSERT INTO guild_settings (guild_id, data, rev)
VALUES (%(guild)s, jsonb_build_object('selectedPoolId', %(pool)s::text), 1)
"""
_AGENT_ROW = """
INSERT INTO agent_bots (agent_id, token, client_id, tag, created_at, updated_at, pool_id)
VALUES (%(agent)s, 'b3BhcXVl', %(client)s, 'Agent 0001#3092', %(now)s, %(now)s, %(pool)s)
"""
_WALLET_ROW = """
INSERT INTO user_wallets (user_id, balance, total_earned, created_at, updated_at)
VALUES (%(user)s, 1000, 1000, %(now)s, %(now)s)
"""
_DEPOSIT = (
    "UPDATE user_wallets SET balance = balance - 50, bank = bank + 50 WHERE user_id = %(user)s"
)
_ITEM_ROW = """
INSERT INTO user_inventory (user_id, item_id, quantity, acquired_at)
VALUES (%(user)s, %(item)s, 3, %(now)s)
"""
_PET_ROW = "INSERT INTO user_pets (user_id, pet_type) VALUES (%(user)s, 'cat') RETURNING id"

_NOW = int(time.time() * 1000)

FACTS: Mapping[str, Any] = {
    "now": _NOW,
    "guild": _GUILD,
    "owner": _OWNER,
    "user": _USER,
    "agent": _AGENT,
    "client": _CLIENT,
    "pool": _POOL,
    "default_pool": _DEFAULT_POOL,
    "item": _ITEM,
}


def smoke_calls(results: Mapping[str, Any]) -> Iterator[SmokeCall]:
    """Every operation but `migrate`; `results` is where those of earlier calls can be found."""
    yield SmokeCall("verify_schema")
    yield from _guild_calls()
    yield from _record_calls()
    yield from _economy_calls()
    yield SmokeCall("streaks.claim", {"user_id": _USER, "kind": "daily", "at_ms": _NOW})
    pet = {"user_id": _USER, "pet_type": "cat", "name": "Mochi", "stats": {"hunger": 1}}
    yield SmokeCall("pets.adopt", pet, _PET_ROW)
    pet_id = results.get("pets.adopt", {}).get("id", 1)
    yield SmokeCall("pets.update", {"id": pet_id, "stats": {"hunger": 2}})


def _guild_calls() -> Iterator[SmokeCall]:
    settings = {"prefix": "!", "selectedPoolId": _POOL}
    pool = {"owner_user_id": _OWNER, "name": "Smoke", "visibility": "private"}
    token = f"MTc1OTI4ODQ3Mjk5MTE3MDYz.Cl2FMQ.{secrets.token_urlsafe(20)}"
    agent = {"token": token, "client_id": _CLIENT, "tag": "Agent 0001#3092", "pool_id": _POOL}
    key = {"id": "smoke-2", "key": secrets.token_hex(32)}
    yield SmokeCall("settings.get", {"guild_id": _GUILD})
    saved = {"guild_id": _GUILD, "data": settings, "expected_rev": 0}
    yield SmokeCall("settings.save", saved, _SETTINGS_ROW)
    yield SmokeCall("pools.create", {"pool_id": _POOL, **pool}, _POOL_ROW)
    yield SmokeCall("agents.register", {"agent_id": _AGENT, **agent}, _AGENT_ROW)
    yield SmokeCall("agents.token", {"agent_id": _AGENT})
    yield SmokeCall("agents.set_status", {"agent_id": _AGENT, "status": "active"})
    yield SmokeCall("agents.allocate", {"guild_id": _GUILD, "count": 1})
    yield SmokeCall("agents.release", {"guild_id": _GUILD})
    yield SmokeCall("agents.rotate_key", {"new_key": key})


def _record_calls() -> Iterator[SmokeCall]:
    command = {"command": "play", "ok": True, "duration_ms": 12, "at_ms": _NOW}
    entry = {"user_id": _USER, "action": "settings.update", "details": {"key": "prefix"}}
    yield SmokeCall("runners.heartbeat", {"runner_id": "smoke", "at_ms": _NOW})
    yield SmokeCall("commands.record", {"guild_id": _GUILD, **command})
    yield SmokeCall("audit.record", {"guild_id": _GUILD, **entry})
    yield SmokeCall("retention.purge", {"now_ms": _NOW})


def _economy_calls() -> Iterator[SmokeCall]:
    item = {"user_id": _USER, "item_id": _ITEM}
    transfer = {"from_user": _USER, "to_user": _OTHER, "amount": 100, "reason": "gift"}
    credit = {"user_id": _USER, "amount": 1000, "reason": "daily"}
    yield SmokeCall("wallets.credit", credit, _WALLET_ROW)
    yield SmokeCall("wallets.debit", {"user_id": _USER, "amount": 100, "reason": "shop"})
    yield SmokeCall("wallets.transfer", transfer)
    yield SmokeCall("wallets.deposit", {"user_id": _USER, "amount": 50}, _DEPOSIT)
    yield SmokeCall("wallets.withdraw", {"user_id": _USER, "amount": 20})
    yield SmokeCall("inventory.add", {**item, "quantity": 3}, _ITEM_ROW)
    yield SmokeCall("inventory.remove", {**item, "quantity": 1})
