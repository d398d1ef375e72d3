"""Every text argument of every operation: where it is stored, or that it names nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .agent_registration import registration
from .clocks import now_ms
from .identities import agent_id, snowflake

Arguments = dict[str, Any]
Calls = tuple[tuple[str, Arguments], ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A text argument, and the column where it has to be found.

    A `free` one is any text; others serve as identifiers, of which an implementation may ask more.
    `key` is the one under which a JSON argument holds the text. `before` are operations that have
    to come first; the answer of the last one gives the argument `takes`.
    """

    operation: str
    argument: str
    table: str
    column: str
    free: bool
    arguments: Arguments
    before: Calls = ()
    key: str | None = None
    takes: str | None = None

    @property
    def name(self) -> str:
        return f"{self.argument} of {self.operation}"

    def filled(self, text: str) -> object:
        """The argument that holds the text."""
        return text if self.key is None else {self.key: text}


@dataclass(frozen=True, slots=True)
class Lookup:
    """A text argument that says whom or what an operation is about, and stores nothing.

    With a text that names nobody the operation is `refused`, or has nothing to do.
    """

    operation: str
    argument: str
    arguments: Arguments
    refused: bool = True

    @property
    def name(self) -> str:
        return f"{self.argument} of {self.operation}"


def slots(number: int) -> list[Slot]:
    """The arguments, with others around them that are good and that no other number has."""
    return [*_free(number), *_in_json(number), *_identifiers(number)]


def bystanders(number: int) -> Calls:
    """What there has to be for a lookup to hit it by mistake."""
    user, guild = snowflake(2 * number), snowflake(2 * number + 1)
    return (
        ("agents.register", registration(number)),
        ("settings.save", {"guild_id": guild, "data": {"prefix": "!"}, "expected_rev": 0}),
        ("wallets.credit", {"user_id": user, "amount": 90, "reason": "funds"}),
        ("wallets.deposit", {"user_id": user, "amount": 40}),
        ("inventory.add", {"user_id": user, "item_id": "item", "quantity": 3}),
    )


def lookups(number: int) -> list[Lookup]:
    """The arguments, with others around them that the bystanders of the same number have."""
    user, other = snowflake(2 * number), snowflake(2 * number + 1)
    paid = {"user_id": user, "amount": 1, "reason": "r"}
    moved = {"user_id": user, "amount": 1}
    item = {"user_id": user, "item_id": "item", "quantity": 1}
    pool = {"pool_id": f"pool_{number}", "owner_user_id": user, "name": "n", "visibility": "public"}
    status = {"agent_id": agent_id(number), "status": "inactive"}
    sent = {"from_user": user, "to_user": other, "amount": 1, "reason": "r"}
    return [
        Lookup("agents.token", "agent_id", {}),
        Lookup("agents.set_status", "agent_id", status),
        Lookup("agents.set_status", "status", status),
        Lookup("pools.create", "visibility", pool),
        Lookup("wallets.debit", "user_id", paid),
        Lookup("wallets.transfer", "from_user", sent),
        Lookup("wallets.deposit", "user_id", moved),
        Lookup("wallets.withdraw", "user_id", moved),
        Lookup("inventory.remove", "user_id", item),
        Lookup("inventory.remove", "item_id", item),
        Lookup("settings.get", "guild_id", {}, refused=False),
        Lookup("agents.allocate", "guild_id", {"count": 1}, refused=False),
        Lookup("agents.release", "guild_id", {}, refused=False),
    ]


def _free(number: int) -> Iterator[Slot]:
    user, other = snowflake(2 * number), snowflake(2 * number + 1)
    pool = {"pool_id": f"pool_{number}", "owner_user_id": user, "visibility": "public"}
    pet = {"user_id": user, "pet_type": "cat", "name": "Mochi"}
    paid, pair = {"user_id": user, "amount": 1}, {"from_user": user, "to_user": other, "amount": 1}
    log = ("transaction_log", "reason", True)
    yield Slot("pools.create", "name", "agent_pools", "name", True, pool)
    yield Slot("agents.register", "tag", "agent_bots", "tag", True, registration(number))
    yield Slot("pets.adopt", "name", "user_pets", "name", True, pet)
    adopted = (("pets.adopt", pet),)
    yield Slot("pets.update", "name", "user_pets", "name", True, {}, adopted, takes="id")
    yield Slot("wallets.credit", "reason", *log, paid)
    yield Slot("wallets.debit", "reason", *log, paid, _funds(user))
    yield Slot("wallets.transfer", "reason", *log, pair, _funds(user))


def _in_json(number: int) -> Iterator[Slot]:
    user, other = snowflake(2 * number), snowflake(2 * number + 1)
    saved = {"guild_id": user, "expected_rev": 0}
    pool = {"pool_id": f"pool_{number}", "owner_user_id": user, "visibility": "public", "name": "n"}
    entry = {"guild_id": user, "user_id": other, "action": "a"}
    pet = {"user_id": user, "pet_type": "cat"}
    beat = {"runner_id": f"runner{number}", "at_ms": now_ms()}
    agent = registration(number)
    for operation, argument, table, column, arguments in (
        ("settings.save", "data", "guild_settings", "data", saved),
        ("agents.register", "profile", "agent_bots", "profile", agent),
        ("pools.create", "meta", "agent_pools", "meta", pool),
        ("runners.heartbeat", "meta", "agent_runners", "meta", beat),
        ("audit.record", "details", "audit_log", "details", entry),
        ("pets.adopt", "stats", "user_pets", "stats", pet),
    ):
        yield Slot(operation, argument, table, column, True, arguments, key="text")


def _identifiers(number: int) -> Iterator[Slot]:
    user, other = snowflake(2 * number), snowflake(2 * number + 1)
    pool = {"pool_id": f"pool_{number}", "owner_user_id": user, "visibility": "public", "name": "n"}
    agent, saved = registration(number), {"data": {"prefix": "!"}, "expected_rev": 0}
    entry = {"guild_id": user, "user_id": other, "action": "a"}
    use = {"guild_id": user, "command": "play", "ok": True, "duration_ms": 1, "at_ms": now_ms()}
    item = {"user_id": user, "item_id": f"item{number}", "quantity": 1}
    pet = {"user_id": user, "pet_type": "cat", "name": "Mochi"}
    paid, sent = {"amount": 1, "reason": "r"}, {"from_user": user, "amount": 1, "reason": "r"}
    beat = {"runner_id": f"runner{number}", "at_ms": now_ms()}
    claim = {"user_id": other, "kind": "daily", "at_ms": now_ms()}
    for operation, argument, table, arguments in (
        ("pools.create", "pool_id", "agent_pools", pool),
        ("pools.create", "owner_user_id", "agent_pools", pool),
        ("agents.register", "agent_id", "agent_bots", agent),
        ("agents.register", "client_id", "agent_bots", agent),
        ("agents.register", "pool_id", "agent_bots", agent),
        ("settings.save", "guild_id", "guild_settings", saved),
        ("audit.record", "action", "audit_log", entry),
        ("audit.record", "guild_id", "audit_log", entry),
        ("audit.record", "user_id", "audit_log", entry),
        ("commands.record", "command", "command_stats", use),
        ("commands.record", "guild_id", "command_stats", use),
        ("inventory.add", "item_id", "user_inventory", item),
        ("inventory.add", "user_id", "user_inventory", item),
        ("pets.adopt", "pet_type", "user_pets", pet),
        ("pets.adopt", "user_id", "user_pets", pet),
        ("runners.heartbeat", "runner_id", "agent_runners", beat),
        ("streaks.claim", "user_id", "user_streaks", claim),
        ("wallets.credit", "user_id", "user_wallets", paid),
    ):
        yield Slot(operation, argument, table, argument, False, arguments)
    to_user = ("to_user", "user_wallets", "user_id", False)
    yield Slot("wallets.transfer", *to_user, sent, _funds(user))


def _funds(user: str) -> Calls:
    return (("wallets.credit", {"user_id": user, "amount": 9, "reason": "funds"}),)
