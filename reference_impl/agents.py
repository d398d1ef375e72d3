"""Agents: their registry, their tokens, and which guild has which of them at the moment.

The registry is `agent_bots`; who is allocated where is in memory alone, and ends with the process.
Only tables that agents cannot work without are read or written here.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import sql

from .arguments import as_jsonb, check_choice, check_format, check_quantity, check_text
from .clock import now_ms
from .database import Area, Connection, Connections
from .pools import DEFAULT_POOL, POOL_ID
from .rejections import Rejection
from .tokens import FINGERPRINT_PART, KeyRing, TokenKey

AGENT_ID = r"agent[0-9]{1,20}"
STATUSES = ("active", "inactive", "revoked")
GUILD_LIMIT = 49
#: Any number, as long as every process that writes tokens uses this one: "agtokens" in ASCII.
TOKEN_LOCK = 0x6167746F6B656E73

_LOG = logging.getLogger(__name__)

_INSERT = sql.SQL("""
INSERT INTO agent_bots (agent_id, token, client_id, tag, profile, created_at, updated_at, pool_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, {pool_id})
ON CONFLICT DO NOTHING
""")
_WITH_FINGERPRINT = "SELECT 1 FROM agent_bots WHERE split_part(token, '.', %s) = ANY(%s) LIMIT 1"
_SET_STATUS = """
UPDATE agent_bots SET status = %s, updated_at = GREATEST(created_at, %s) WHERE agent_id = %s
"""
_RESEAL = """
UPDATE agent_bots SET token = %s, updated_at = GREATEST(created_at, %s) WHERE agent_id = %s
"""
_FREE = """
SELECT agent_id FROM agent_bots
WHERE pool_id = %s AND status = 'active' AND agent_id <> ALL(%s)
ORDER BY id LIMIT %s
"""


class Agents(Area):
    def __init__(self, connections: Connections, token_keys: Sequence[Mapping[str, str]]) -> None:
        super().__init__(connections)
        self._ring = KeyRing(map(TokenKey.from_hex, token_keys))
        # What was read or sealed under a ring is answered or stored before the ring changes.
        self._ring_in_use = threading.Lock()
        self._sessions: dict[str, list[str]] = {}
        self._allocating = threading.Lock()

    def register(
        self,
        agent_id: str,
        token: str,
        client_id: str,
        tag: str,
        pool_id: str | None = None,
        profile: Any = None,
    ) -> None:
        """Store an active agent, its token encrypted; without `pool_id`, in the default pool.

        Rejections: duplicate_agent (also for the client id), duplicate_token, key_missing,
        invalid_format.
        """
        check_format("agent_id", agent_id, AGENT_ID)
        check_text(token=token, client_id=client_id, tag=tag)
        if pool_id is not None:
            check_format("pool_id", pool_id, POOL_ID)
        stored_profile = as_jsonb("profile", profile)
        insert = _INSERT.format(pool_id=sql.DEFAULT if pool_id is None else sql.Literal(pool_id))
        with self._ring_in_use, self._connections.transaction() as connection:
            sealed = self._ring.current.seal(token, agent_id)
            _lock_tokens(connection)
            fingerprints = [FINGERPRINT_PART, self._ring.fingerprints(token)]
            if connection.execute(_WITH_FINGERPRINT, fingerprints).fetchone():
                raise Rejection("duplicate_token", f"the token for {agent_id} is another agent's")
            now = now_ms()
            row = [agent_id, sealed, client_id, tag, stored_profile, now, now]
            if not connection.execute(insert, row).rowcount:
                raise Rejection(
                    "duplicate_agent",
                    f"there is {agent_id}, or an agent with client id {client_id}",
                )

    def token(self, agent_id: str) -> dict[str, str]:
        """Answer the token in plain text. Rejections: unknown_agent, token_unreadable, revoked."""
        check_text(agent_id=agent_id)
        with self._ring_in_use:
            with self._connections.transaction() as connection:
                row = connection.execute(
                    "SELECT token, status FROM agent_bots WHERE agent_id = %s", [agent_id]
                ).fetchone()
            if row is None:
                raise _unknown_agent(agent_id)
            stored, status = row
            if status == "revoked":
                raise Rejection("revoked", f"{agent_id} is revoked: its token is not to be used")
            return {"token": self._ring.open(stored, agent_id)}

    def set_status(self, agent_id: str, status: str) -> None:
        """From any status to any. Rejections: unknown_agent, invalid_status."""
        check_text(agent_id=agent_id)
        check_choice("status", status, STATUSES, "invalid_status")
        with self._connections.transaction() as connection:
            if not connection.execute(_SET_STATUS, [status, now_ms(), agent_id]).rowcount:
                raise _unknown_agent(agent_id)

    def allocate(self, guild_id: str, count: int) -> dict[str, list[str]]:
        """Hand `count` more agents to the guild, or none; an agent is with one guild at a time.

        They are active agents of the pool that the guild selected, or of the default pool.
        Rejections: agent_limit, not_enough_agents.
        """
        check_text(guild_id=guild_id)
        check_quantity(count)
        with self._allocating:
            held = self._sessions.get(guild_id, [])
            if len(held) + count > GUILD_LIMIT:
                raise Rejection(
                    "agent_limit",
                    f"guild {guild_id} has {len(held)} agents of at most {GUILD_LIMIT}",
                )
            taken = [agent for agents in self._sessions.values() for agent in agents]
            with self._connections.transaction() as connection:
                agents = _free_agents(connection, guild_id, taken, count)
            self._sessions[guild_id] = held + agents
        return {"agents": agents}

    def release(self, guild_id: str) -> None:
        """End the guild's sessions, if it has any."""
        check_text(guild_id=guild_id)
        with self._allocating:
            self._sessions.pop(guild_id, None)

    def rotate_key(self, new_key: Mapping[str, str]) -> dict[str, int]:
        """Encrypt every token with `new_key`, forget the others; answer how many tokens.

        One transaction: cut at any point, the table is all under the old keys or all under the
        new one, and doing it again, with both keys given, ends it. A token that no key opens is
        left as it is, named in a warning: it must not hold up the retirement of a leaked key.
        """
        new = TokenKey.from_hex(new_key)
        with self._ring_in_use:
            # Kept if the commit's outcome stays unknown: whichever key it is under can be read.
            self._ring = KeyRing([*self._ring.keys, new])
            with self._connections.transaction() as connection:
                _lock_tokens(connection)
                sealed = _sealed_anew(connection, self._ring, new)
                connection.cursor().executemany(_RESEAL, sealed)
            self._ring = KeyRing([new])
        return {"reencrypted": len(sealed)}


def _unknown_agent(agent_id: str) -> Rejection:
    return Rejection("unknown_agent", f"there is no agent {agent_id}")


def _lock_tokens(connection: Connection) -> None:
    """One writer of tokens at a time, in all processes, to the end of the transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [TOKEN_LOCK])


def _sealed_anew(
    connection: Connection, ring: KeyRing, key: TokenKey
) -> list[tuple[str, int, str]]:
    """The arguments of `_RESEAL`, in an order in which no two processes block each other."""
    rows = connection.execute("SELECT agent_id, token FROM agent_bots ORDER BY agent_id FOR UPDATE")
    now = now_ms()
    sealed = []
    for agent_id, stored in rows:
        try:
            token = ring.open(stored, agent_id)
        except Rejection as unreadable:
            _LOG.warning("not re-encrypted: %s", unreadable)
        else:
            sealed.append((key.seal(token, agent_id), now, agent_id))
    return sealed


def _free_agents(connection: Connection, guild_id: str, taken: list[str], count: int) -> list[str]:
    pool_id = _selected_pool(connection, guild_id)
    rows = connection.execute(_FREE, [pool_id, taken, count]).fetchall()
    if len(rows) < count:
        raise Rejection("not_enough_agents", f"{pool_id} has {len(rows)} free agents, not {count}")
    return [agent_id for (agent_id,) in rows]


def _selected_pool(connection: Connection, guild_id: str) -> str:
    row = connection.execute(
        "SELECT data -> 'selectedPoolId' FROM guild_settings WHERE guild_id = %s", [guild_id]
    ).fetchone()
    selected = row[0] if row else None
    return selected if isinstance(selected, str) else DEFAULT_POOL
