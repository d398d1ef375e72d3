"""What an in-process driver looks like to a type checker.

Written by `python -m pytest_chopsticks.implementations.operations.generate`: do not edit.

A driver is a class that is made by `Driver(database=…, token_keys=…)`, has the operations that it
claims, and raises `Rejected(name)` to refuse one. Arguments are passed by name. Implement the
Protocols of what you claim: one attribute for each namespace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Schema(Protocol):
    def migrate(
        self,
        migrations: str | None = None,
    ) -> Mapping[str, Sequence[str]]:
        """Bring the database to the current schema.

        Answers `applied`: the versions applied by this call, oldest first.

        Rejections: checksum_mismatch, migration_failed, missing_file, out_of_order.
        """

    def verify_schema(self) -> Mapping[str, str]:
        """Compare the database with the expected schema, as at the program's start.

        Answers `hash`: the schema hash.

        Rejections: schema_drift.
        """


class Settings(Protocol):
    def get(
        self,
        guild_id: str,
    ) -> Mapping[str, object]:
        """Read the settings of a guild.

        Answers `data`: the settings; `rev`: their revision.
        """

    def save(
        self,
        guild_id: str,
        data: Mapping[str, Any],
        expected_rev: int,
    ) -> Mapping[str, int]:
        """Replace the settings of a guild, if nobody else did meanwhile.

        Answers `rev`: the new revision, one more.

        Rejections: stale_revision, invalid_text.
        """


class Pools(Protocol):
    def create(
        self,
        pool_id: str,
        owner_user_id: str,
        name: str,
        visibility: str,
        meta: Mapping[str, Any] | None = None,
    ) -> object:
        """Create a pool of agents.

        Rejections: duplicate_pool, invalid_format, invalid_visibility.
        """


class Agents(Protocol):
    def register(
        self,
        agent_id: str,
        token: str,
        client_id: str,
        tag: str,
        pool_id: str | None = None,
        profile: Mapping[str, Any] | None = None,
    ) -> object:
        """Register an agent and keep its token encrypted.

        Rejections: duplicate_agent, duplicate_token, key_missing, invalid_format.
        """

    def token(
        self,
        agent_id: str,
    ) -> Mapping[str, str]:
        """Read the token of an agent back.

        Answers `token`: exactly what was registered.

        Rejections: unknown_agent, token_unreadable, revoked.
        """

    def set_status(
        self,
        agent_id: str,
        status: str,
    ) -> object:
        """Set the status of an agent.

        Rejections: unknown_agent, invalid_status.
        """

    def allocate(
        self,
        guild_id: str,
        count: int,
    ) -> Mapping[str, Sequence[str]]:
        """Hand more agents to a guild, all or nothing.

        Answers `agents`: the agent_id of each.

        Rejections: agent_limit, not_enough_agents.
        """

    def release(
        self,
        guild_id: str,
    ) -> object:
        """End the sessions of a guild."""

    def rotate_key(
        self,
        new_key: Mapping[str, str],
    ) -> Mapping[str, int]:
        """Re-encrypt every token with a new key, and forget the old keys.

        Answers `reencrypted`: how many tokens.
        """


class Runners(Protocol):
    def heartbeat(
        self,
        runner_id: str,
        at_ms: int,
        meta: Mapping[str, Any] | None = None,
    ) -> object:
        """Note that a runner is alive."""


class Commands(Protocol):
    def record(
        self,
        guild_id: str,
        command: str,
        ok: bool,
        duration_ms: int,
        at_ms: int,
    ) -> object:
        """Count the use of a command."""


class Audit(Protocol):
    def record(
        self,
        guild_id: str,
        user_id: str,
        action: str,
        details: Mapping[str, Any] | None = None,
    ) -> object:
        """Add an entry to the audit log."""


class Retention(Protocol):
    def purge(
        self,
        now_ms: int,
    ) -> Mapping[str, int]:
        """Delete what is older than its retention.

        Answers `audit_log`: how many rows of audit_log went; `command_stats_daily`: how many of
        command_stats_daily.
        """


class Wallets(Protocol):
    def credit(
        self,
        user_id: str,
        amount: int,
        reason: str,
    ) -> object:
        """Give a user money.

        Rejections: invalid_amount, insufficient_funds, overflow.
        """

    def debit(
        self,
        user_id: str,
        amount: int,
        reason: str,
    ) -> object:
        """Take money from a user.

        Rejections: invalid_amount, insufficient_funds, overflow.
        """

    def transfer(
        self,
        from_user: str,
        to_user: str,
        amount: int,
        reason: str,
    ) -> object:
        """Move money from one user to another.

        Rejections: invalid_amount, insufficient_funds, same_user, overflow.
        """

    def deposit(
        self,
        user_id: str,
        amount: int,
    ) -> object:
        """Move a user's money from the balance to the bank.

        Rejections: invalid_amount, insufficient_funds, over_capacity.
        """

    def withdraw(
        self,
        user_id: str,
        amount: int,
    ) -> object:
        """Move a user's money from the bank to the balance.

        Rejections: invalid_amount, insufficient_funds, over_capacity.
        """


class Inventory(Protocol):
    def add(
        self,
        user_id: str,
        item_id: str,
        quantity: int,
    ) -> object:
        """Give a user items.

        Rejections: invalid_quantity, insufficient_quantity, overflow.
        """

    def remove(
        self,
        user_id: str,
        item_id: str,
        quantity: int,
    ) -> object:
        """Take items from a user.

        Rejections: invalid_quantity, insufficient_quantity, overflow.
        """


class Streaks(Protocol):
    def claim(
        self,
        user_id: str,
        kind: str,
        at_ms: int,
    ) -> Mapping[str, object]:
        """Claim the daily or weekly reward.

        Answers `streak`: claims in a row, this one included; `longest`: the longest ever;
        `multiplier`: streak_multiplier, between 1.00 and 5.00.

        Rejections: already_claimed, clock_went_back.
        """


class Pets(Protocol):
    def adopt(
        self,
        user_id: str,
        pet_type: str,
        name: str | None = None,
        stats: Mapping[str, Any] | None = None,
    ) -> Mapping[str, int]:
        """Give a user a pet.

        Answers `id`: user_pets.id.
        """

    def update(
        self,
        id: int,  # noqa: A002
        name: str | None = None,
        stats: Mapping[str, Any] | None = None,
    ) -> object:
        """Change the name or the stats of a pet.

        Rejections: unknown_pet.
        """


class AllOperations(Schema, Protocol):
    """A driver that claims every operation of the contract."""

    @property
    def settings(self) -> Settings: ...

    @property
    def pools(self) -> Pools: ...

    @property
    def agents(self) -> Agents: ...

    @property
    def runners(self) -> Runners: ...

    @property
    def commands(self) -> Commands: ...

    @property
    def audit(self) -> Audit: ...

    @property
    def retention(self) -> Retention: ...

    @property
    def wallets(self) -> Wallets: ...

    @property
    def inventory(self) -> Inventory: ...

    @property
    def streaks(self) -> Streaks: ...

    @property
    def pets(self) -> Pets: ...
