"""How the implementation says no: one class per rejection, named in `rejection`.

Each takes the facts and words the message itself. Whatever is raised besides these is a fault,
unless the database refused the value (SQLSTATE class 22 or 23). No message shows a token or a key.
"""

from collections.abc import Sequence
from typing import ClassVar


class Rejection(Exception):
    """Base of all rejections: nothing was changed, and the message says what to do."""

    rejection: ClassVar[str]


class ChecksumMismatch(Rejection):
    """A migration file is not the one that was applied."""

    rejection = "checksum_mismatch"

    def __init__(self, file: str, version: str, recorded: str, found: str) -> None:
        super().__init__(
            f"{file} was edited after version {version} was applied: recorded SHA-256 {recorded}, "
            f"now {found}. Put the applied file back and write the change as a new migration."
        )


class MissingFile(Rejection):
    """An applied version has no file any more."""

    rejection = "missing_file"

    def __init__(self, version: str, description: str) -> None:
        super().__init__(
            f"version {version} ({description}) was applied, but no file {version}_*.py is there. "
            "Put it back: an applied migration is never deleted."
        )


class OutOfOrder(Rejection):
    """A migration that was not applied is older than one that was."""

    rejection = "out_of_order"

    def __init__(self, file: str, version: str, newest: str) -> None:
        super().__init__(
            f"{file} was not applied, but the newer version {newest} was. "
            f"Rename the file to a version after {newest}, so that it runs last everywhere; "
            f"{version} cannot run before what is already there."
        )


class MigrationFailed(Rejection):
    """A migration, or the directory of migrations, cannot be applied."""

    rejection = "migration_failed"


class SchemaDrift(Rejection):
    """The database is not at the schema that this code was written for."""

    rejection = "schema_drift"

    def __init__(self, missing: Sequence[str], unexpected: Sequence[str]) -> None:
        facts = [*(f"- {fact}" for fact in missing), *(f"+ {fact}" for fact in unexpected)]
        super().__init__(
            "the database differs from schema version 1.0.0 (- is missing, + is not expected):\n"
            + "\n".join(facts)
        )


class InvalidText(Rejection):
    """A text, or JSON, that the database cannot hold."""

    rejection = "invalid_text"

    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f"{argument} {problem}")


class TooLarge(Rejection):
    """A text too long for its index, or JSON nested too deeply: the database says which."""

    rejection = "invalid_text"


class InvalidFormat(Rejection):
    """An argument that is not of its form."""

    rejection = "invalid_format"

    def __init__(self, argument: str, value: object, expected: str) -> None:
        super().__init__(f"{argument} is {value!r}; expected {expected}")


class StaleRevision(Rejection):
    """Someone saved in between, or this was never the revision."""

    rejection = "stale_revision"

    def __init__(self, guild_id: str, expected_rev: object) -> None:
        super().__init__(f"settings of guild {guild_id} are not at revision {expected_rev}")


class DuplicatePool(Rejection):
    rejection = "duplicate_pool"

    def __init__(self, pool_id: str) -> None:
        super().__init__(f"there is a pool {pool_id}")


class InvalidVisibility(Rejection):
    rejection = "invalid_visibility"

    def __init__(self, visibility: object) -> None:
        super().__init__(f"visibility is {visibility!r}; expected public or private")


class DuplicateAgent(Rejection):
    rejection = "duplicate_agent"

    def __init__(self, agent_id: str, client_id: str) -> None:
        super().__init__(f"there is an agent {agent_id}, or one with client id {client_id}")


class DuplicateToken(Rejection):
    rejection = "duplicate_token"

    def __init__(self, agent_id: str) -> None:
        super().__init__(f"the token given for {agent_id} is another agent's")


class KeyMissing(Rejection):
    """Never answered by storing a token in plain text."""

    rejection = "key_missing"

    def __init__(self) -> None:
        super().__init__("no token key is configured: give one, 64 hex digits, and try again")


class TokenUnreadable(Rejection):
    rejection = "token_unreadable"

    def __init__(self, agent_id: str) -> None:
        super().__init__(
            f"the stored token of {agent_id} was changed, moved from another row, "
            "or encrypted with a key that was not given"
        )


class Revoked(Rejection):
    rejection = "revoked"

    def __init__(self, agent_id: str) -> None:
        super().__init__(f"{agent_id} is revoked: its token is not to be used")


class UnknownAgent(Rejection):
    rejection = "unknown_agent"

    def __init__(self, agent_id: str) -> None:
        super().__init__(f"there is no agent {agent_id}")


class InvalidStatus(Rejection):
    rejection = "invalid_status"

    def __init__(self, status: object) -> None:
        super().__init__(f"status is {status!r}; expected active, inactive or revoked")


class AgentLimit(Rejection):
    rejection = "agent_limit"

    def __init__(self, guild_id: str, held: int, limit: int) -> None:
        super().__init__(f"guild {guild_id} has {held} agents; {limit} is the limit")


class NotEnoughAgents(Rejection):
    rejection = "not_enough_agents"

    def __init__(self, pool_id: str, free: int, count: int) -> None:
        super().__init__(f"{count} agents were asked of {pool_id}, which has {free} free")


class InvalidAmount(Rejection):
    rejection = "invalid_amount"

    def __init__(self, amount: object) -> None:
        super().__init__(f"amount is {amount!r}; expected a whole number from 1 to 2^63-1")


class InsufficientFunds(Rejection):
    rejection = "insufficient_funds"

    def __init__(self, user_id: str, available: int, amount: int) -> None:
        super().__init__(f"user {user_id} has {available}, which is less than {amount}")


class OverCapacity(Rejection):
    rejection = "over_capacity"

    def __init__(self, user_id: str, bank: int, capacity: int) -> None:
        super().__init__(f"the bank of user {user_id} holds {bank} of at most {capacity}")


class SameUser(Rejection):
    rejection = "same_user"

    def __init__(self, user_id: str) -> None:
        super().__init__(f"user {user_id} cannot transfer to the same wallet")


class Overflow(Rejection):
    rejection = "overflow"

    def __init__(self, total: str) -> None:
        super().__init__(f"{total} would exceed what its column holds")


class InvalidQuantity(Rejection):
    rejection = "invalid_quantity"

    def __init__(self, quantity: object) -> None:
        super().__init__(f"the quantity is {quantity!r}; expected a whole number from 1 to 2^31-1")


class InsufficientQuantity(Rejection):
    rejection = "insufficient_quantity"

    def __init__(self, user_id: str, item_id: str, quantity: int) -> None:
        super().__init__(f"user {user_id} has fewer than {quantity} of {item_id}")


class AlreadyClaimed(Rejection):
    rejection = "already_claimed"

    def __init__(self, kind: str, next_ms: int) -> None:
        super().__init__(f"the {kind} claim was made; the next is possible at {next_ms}")


class ClockWentBack(Rejection):
    rejection = "clock_went_back"

    def __init__(self, kind: str, at_ms: int, last_ms: int) -> None:
        super().__init__(f"a {kind} claim at {at_ms} is before the last one, at {last_ms}")


class UnknownPet(Rejection):
    rejection = "unknown_pet"

    def __init__(self, pet_id: object) -> None:
        super().__init__(f"there is no pet {pet_id!r}")
