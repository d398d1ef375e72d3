"""The names of the operations that an implementation can claim."""

from __future__ import annotations

OPERATIONS = frozenset(
    {
        "migrate",
        "verify_schema",
        "settings.get",
        "settings.save",
        "pools.create",
        "agents.register",
        "agents.token",
        "agents.set_status",
        "agents.allocate",
        "agents.release",
        "agents.rotate_key",
        "runners.heartbeat",
        "commands.record",
        "audit.record",
        "retention.purge",
        "wallets.credit",
        "wallets.debit",
        "wallets.transfer",
        "wallets.deposit",
        "wallets.withdraw",
        "inventory.add",
        "inventory.remove",
        "streaks.claim",
        "pets.adopt",
        "pets.update",
    }
)
