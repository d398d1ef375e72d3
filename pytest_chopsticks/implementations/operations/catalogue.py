"""Every operation of the contract, once; all that is said of one elsewhere comes from here."""

from __future__ import annotations

from pytest_chopsticks.implementations.operations.operation import (
    Argument,
    Operation,
    ResultField,
)
from pytest_chopsticks.implementations.operations.value_types import (
    Amount,
    Boolean,
    Document,
    Integer,
    Key,
    Number,
    Text,
    TextList,
)

_GUILD = Argument("guild_id", Text(), "the guild's snowflake")
_USER = Argument("user_id", Text(), "the user's snowflake")
_AGENT = Argument("agent_id", Text(), "`agent<snowflake>`")
_RUNNER = Argument("runner_id", Text(), "the id of the runner's process")
_ITEM = Argument("item_id", Text(), "the kind of item")
_REASON = Argument("reason", Text(), "what it is for, kept in transaction_log")
_AT = Argument("at_ms", Integer(), "when, in milliseconds since 1970: close to now")
_NAME = Argument("name", Text(), "the pet's name", optional=True)
_STATS = Argument("stats", Document(), "the pet's stats", optional=True)
_META = Argument("meta", Document(), "whatever else is known", optional=True)
_AMOUNT = Argument("amount", Amount(), "how much: an integer above 0")
_QUANTITY = Argument("quantity", Amount(), "how many: an integer above 0")

_SCHEMA = (
    Operation(
        "migrate",
        "Bring the database to the current schema.",
        (
            Argument(
                "migrations",
                Text(),
                "the path of the directory of migrations to apply instead of the usual one",
                optional=True,
            ),
        ),
        (ResultField("applied", TextList(), "the versions applied by this call, oldest first"),),
        ("checksum_mismatch", "migration_failed", "missing_file", "out_of_order"),
    ),
    Operation(
        "verify_schema",
        "Compare the database with the expected schema, as at the program's start.",
        (),
        (ResultField("hash", Text(), "the schema hash"),),
        ("schema_drift",),
        "Changes nothing. The rejection names the differences.",
    ),
)

_SETTINGS = (
    Operation(
        "settings.get",
        "Read the settings of a guild.",
        (_GUILD,),
        (
            ResultField("data", Document(), "the settings"),
            ResultField("rev", Integer(), "their revision"),
        ),
        notes="An unknown guild has `{data: {}, rev: 0}`.",
    ),
    Operation(
        "settings.save",
        "Replace the settings of a guild, if nobody else did meanwhile.",
        (
            _GUILD,
            Argument("data", Document(), "the new settings"),
            Argument("expected_rev", Integer(), "the revision that they replace"),
        ),
        (ResultField("rev", Integer(), "the new revision, one more"),),
        ("stale_revision", "invalid_text"),
        "The first save of a guild expects 0 and gives 1.",
    ),
)

_AGENTS = (
    Operation(
        "pools.create",
        "Create a pool of agents.",
        (
            Argument("pool_id", Text(), "`pool_<username>`"),
            Argument("owner_user_id", Text(), "the owner's snowflake"),
            Argument("name", Text(), "what people call it"),
            Argument("visibility", Text(), "`public` or `private`"),
            _META,
        ),
        rejections=("duplicate_pool", "invalid_format", "invalid_visibility"),
    ),
    Operation(
        "agents.register",
        "Register an agent and keep its token encrypted.",
        (
            _AGENT,
            Argument("token", Text(), "the bot's token", secret=True),
            Argument("client_id", Text(), "the application's snowflake"),
            Argument("tag", Text(), "for example `Agent 0001#3092`"),
            Argument("pool_id", Text(), "its pool; the column's default without", optional=True),
            Argument("profile", Document(), "whatever else is known", optional=True),
        ),
        rejections=("duplicate_agent", "duplicate_token", "key_missing", "invalid_format"),
        notes="Rejected when there are no token keys.",
    ),
    Operation(
        "agents.token",
        "Read the token of an agent back.",
        (_AGENT,),
        (ResultField("token", Text(), "exactly what was registered", secret=True),),
        ("unknown_agent", "token_unreadable", "revoked"),
    ),
    Operation(
        "agents.set_status",
        "Set the status of an agent.",
        (_AGENT, Argument("status", Text(), "`active`, `inactive` or `revoked`")),
        rejections=("unknown_agent", "invalid_status"),
    ),
    Operation(
        "agents.allocate",
        "Hand more agents to a guild, all or nothing.",
        (_GUILD, Argument("count", Integer(), "how many more")),
        (ResultField("agents", TextList(), "the agent_id of each"),),
        ("agent_limit", "not_enough_agents"),
        "From the pool in `guild_settings.data.selectedPoolId`, or the default pool `pool_goot27`."
        " Sessions live in the driver's memory; at most 49 a guild and driver process.",
    ),
    Operation("agents.release", "End the sessions of a guild.", (_GUILD,)),
    Operation(
        "agents.rotate_key",
        "Re-encrypt every token with a new key, and forget the old keys.",
        (Argument("new_key", Key(), "`{id, key}`, key as 64 hex digits", secret=True),),
        (ResultField("reencrypted", Integer(), "how many tokens"),),
    ),
    Operation("runners.heartbeat", "Note that a runner is alive.", (_RUNNER, _AT, _META)),
)

_RECORDS = (
    Operation(
        "commands.record",
        "Count the use of a command.",
        (
            _GUILD,
            Argument("command", Text(), "the command's name"),
            Argument("ok", Boolean(), "whether it went well"),
            Argument("duration_ms", Integer(), "how long it took, in milliseconds"),
            _AT,
        ),
        notes="In command_stats, and in the command_stats_daily row of the UTC day of `at_ms`.",
    ),
    Operation(
        "audit.record",
        "Add an entry to the audit log.",
        (
            _GUILD,
            _USER,
            Argument("action", Text(), "what was done"),
            Argument("details", Document(), "whatever else is known", optional=True),
        ),
    ),
    Operation(
        "retention.purge",
        "Delete what is older than its retention.",
        (Argument("now_ms", Integer(), "the time to count from, in milliseconds since 1970"),),
        (
            ResultField("audit_log", Integer(), "how many rows of audit_log went"),
            ResultField("command_stats_daily", Integer(), "how many of command_stats_daily"),
        ),
        notes="audit_log after `guild_settings.data.auditRetentionDays` (90 days by default),"
        " command_stats_daily after 365 days.",
    ),
)

_MOVEMENT = ("invalid_amount", "insufficient_funds", "overflow")
_BANKING = ("invalid_amount", "insufficient_funds", "over_capacity")

_ECONOMY = (
    Operation(
        "wallets.credit",
        "Give a user money.",
        (_USER, _AMOUNT, _REASON),
        rejections=_MOVEMENT,
        notes="The first credit makes the wallet.",
    ),
    Operation(
        "wallets.debit",
        "Take money from a user.",
        (_USER, _AMOUNT, _REASON),
        rejections=_MOVEMENT,
        notes="A debit of an unknown user is `insufficient_funds`.",
    ),
    Operation(
        "wallets.transfer",
        "Move money from one user to another.",
        (
            Argument("from_user", Text(), "the giver's snowflake"),
            Argument("to_user", Text(), "the receiver's snowflake"),
            _AMOUNT,
            _REASON,
        ),
        rejections=("invalid_amount", "insufficient_funds", "same_user", "overflow"),
        notes="The receiver's wallet is made if there is none.",
    ),
    Operation(
        "wallets.deposit",
        "Move a user's money from the balance to the bank.",
        (_USER, _AMOUNT),
        rejections=_BANKING,
    ),
    Operation(
        "wallets.withdraw",
        "Move a user's money from the bank to the balance.",
        (_USER, _AMOUNT),
        rejections=_BANKING,
    ),
    Operation(
        "inventory.add",
        "Give a user items.",
        (_USER, _ITEM, _QUANTITY),
        rejections=("invalid_quantity", "insufficient_quantity", "overflow"),
    ),
    Operation(
        "inventory.remove",
        "Take items from a user.",
        (_USER, _ITEM, _QUANTITY),
        rejections=("invalid_quantity", "insufficient_quantity", "overflow"),
    ),
)

_PLAY = (
    Operation(
        "streaks.claim",
        "Claim the daily or weekly reward.",
        (_USER, Argument("kind", Text(), "`daily` or `weekly`"), _AT),
        (
            ResultField("streak", Integer(), "claims in a row, this one included"),
            ResultField("longest", Integer(), "the longest ever"),
            ResultField("multiplier", Number(), "streak_multiplier, between 1.00 and 5.00"),
        ),
        ("already_claimed", "clock_went_back"),
    ),
    Operation(
        "pets.adopt",
        "Give a user a pet.",
        (_USER, Argument("pet_type", Text(), "the kind of pet"), _NAME, _STATS),
        (ResultField("id", Integer(), "user_pets.id"),),
    ),
    Operation(
        "pets.update",
        "Change the name or the stats of a pet.",
        (Argument("id", Integer(), "user_pets.id"), _NAME, _STATS),
        rejections=("unknown_pet",),
    ),
)

CATALOGUE: tuple[Operation, ...] = (
    *_SCHEMA,
    *_SETTINGS,
    *_AGENTS,
    *_RECORDS,
    *_ECONOMY,
    *_PLAY,
)
