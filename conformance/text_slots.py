"""Every text argument of every operation that stores it, and where it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .agent_registration import registration
from .clocks import now_ms
from .identities import snowflake


@dataclass(frozen=True, slots=True)
class Slot:
    """A text argument, and the column where it has to be found.

    A `free` one is any text; others serve as identifiers, of which an implementation may ask more.
    `before` are operations that have to come first.
    """

    operation: str
    argument: str
    table: str
    column: str
    free: bool
    arguments: dict[str, Any]
    before: tuple[tuple[str, dict[str, Any]], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.argument} of {self.operation}"


def slots(number: int) -> list[Slot]:
    """The arguments, with others around them that are good and that no other number has."""
    user, other = snowflake(2 * number), snowflake(2 * number + 1)
    rich = (("wallets.credit", {"user_id": user, "amount": 9, "reason": "funds"}),)
    pool = {"pool_id": f"pool_{number}", "owner_user_id": user, "visibility": "public"}
    agent = registration(number)
    entry = {"guild_id": user, "user_id": other, "action": "a"}
    use = {"guild_id": user, "command": "play", "ok": True, "duration_ms": 1, "at_ms": now_ms()}
    item = {"user_id": user, "item_id": f"item{number}", "quantity": 1}
    pet = {"user_id": user, "pet_type": "cat", "name": "Mochi"}
    paid, pair = {"user_id": user, "amount": 1}, {"from_user": user, "to_user": other, "amount": 1}
    beat = {"runner_id": f"runner{number}", "at_ms": now_ms()}
    claim = {"user_id": other, "kind": "daily", "at_ms": now_ms()}
    return [
        Slot("pools.create", "name", "agent_pools", "name", True, pool),
        Slot("agents.register", "tag", "agent_bots", "tag", True, agent),
        Slot("pets.adopt", "name", "user_pets", "name", True, pet),
        Slot("wallets.credit", "reason", "transaction_log", "reason", True, paid),
        Slot("wallets.debit", "reason", "transaction_log", "reason", True, paid, rich),
        Slot("wallets.transfer", "reason", "transaction_log", "reason", True, pair, rich),
        Slot(
            "pools.create",
            "owner_user_id",
            "agent_pools",
            "owner_user_id",
            False,
            {**pool, "name": "n"},
        ),
        Slot("agents.register", "client_id", "agent_bots", "client_id", False, agent),
        Slot("audit.record", "action", "audit_log", "action", False, entry),
        Slot("audit.record", "guild_id", "audit_log", "guild_id", False, entry),
        Slot("audit.record", "user_id", "audit_log", "user_id", False, entry),
        Slot("commands.record", "command", "command_stats", "command", False, use),
        Slot("commands.record", "guild_id", "command_stats", "guild_id", False, use),
        Slot("inventory.add", "item_id", "user_inventory", "item_id", False, item),
        Slot("inventory.add", "user_id", "user_inventory", "user_id", False, item),
        Slot("pets.adopt", "pet_type", "user_pets", "pet_type", False, pet),
        Slot("pets.adopt", "user_id", "user_pets", "user_id", False, pet),
        Slot("runners.heartbeat", "runner_id", "agent_runners", "runner_id", False, beat),
        Slot("streaks.claim", "user_id", "user_streaks", "user_id", False, claim),
        Slot(
            "wallets.credit", "user_id", "user_wallets", "user_id", False, {**paid, "reason": "r"}
        ),
    ]
