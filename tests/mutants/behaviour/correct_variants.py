"""Other readings of what the document leaves open, and other ways to the same: none is an error."""

from __future__ import annotations

from .reference_variant import Variant, correct

_AGENTS, _TOKENS, _STREAKS = "agents.py", "tokens.py", "streaks.py"
_WITHIN = "    if at_ms < last_ms + period:\n"
_WITHIN_DATE = """\
    first = 4 * DAY_MS if kind == "weekly" else 0  # 1970-01-05 was a Monday
    passed = (at_ms - first) // period - (last_ms - first) // period
    if passed == 0:
"""
_CONTINUES, _CONTINUES_NEXT_DATE = "at_ms < last_ms + 2 * period", "passed == 1"
_CHECK_SPELLING = """\
            if _encode(content) != body:
                return None
"""

_DISCORD = r"[\w-]{20,}\.[\w-]{6}\.[\w-]{27,40}"
_WALL = "__import__('time').time_ns() // 1_000_000"
_TIMED = ("runners.py", "commands.py", "streaks.py")
_TAKEN = "taken = [agent for agents in self._sessions.values() for agent in agents]"
_SYNTHETIC = 'nonce = hmac.digest(self._fingerprint, b"n" + token.encode(), "sha256")[:NONCE_BYTES]'
_REPLACING = """\
ON CONFLICT (agent_id) DO UPDATE SET
  token = EXCLUDED.token, client_id = EXCLUDED.client_id, tag = EXCLUDED.tag,
  profile = EXCLUDED.profile, pool_id = EXCLUDED.pool_id, updated_at = EXCLUDED.updated_at
"""
_GUARD = "../migrations/20260214_000100_guard_immutable_tables.py"
_STATEMENT = "BEFORE UPDATE OR DELETE OR TRUNCATE ON {}\n        FOR EACH STATEMENT"
_ROW_AND_TRUNCATE = """\
BEFORE TRUNCATE ON {0}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_immutable_table();
        CREATE TRIGGER {0}_row_never_changes
        BEFORE UPDATE OR DELETE ON {0}
        FOR EACH ROW"""
_POOLS_AND_SETTINGS = (
    "    pools: Pools\n",
    "        self.pools = Pools(self._connections)\n",
    "    settings: Settings\n",
    "        self.settings = Settings(self._connections)\n",
)

CORRECT: tuple[Variant, ...] = (
    correct("the reference itself"),
    correct(
        "streaks by UTC day and week",
        (_STREAKS, _WITHIN, _WITHIN_DATE),
        (_STREAKS, _CONTINUES, _CONTINUES_NEXT_DATE),
        areas=("streaks", "time", "text"),
    ),
    correct(
        "a lenient base64",
        (_TOKENS, _CHECK_SPELLING, ""),
        areas=("tokens",),
    ),
    correct(
        "hexadecimal digits",
        (
            _TOKENS,
            'urlsafe_b64encode(content).decode().rstrip("=")',
            "content.hex().upper()",
        ),
        (_TOKENS, 'urlsafe_b64decode(body + "=" * (-len(body) % 4))', "bytes.fromhex(body)"),
        areas=("tokens",),
    ),
    correct(
        "agents, and nothing about their pools and status",
        *(("implementation.py", line, "") for line in _POOLS_AND_SETTINGS),
        (_AGENTS, "    def set_status(", "    def _set_status("),
        areas=("agents", "tokens", "text", "time"),
    ),
    correct(
        "retention by date",
        (
            "retention.py",
            "AND batch.created_at < %(now)s - interval '24 hours'",
            "AND batch.created_at::date < %(now)s::date - interval '24 hours'",
        ),
        areas=("retention",),
    ),
    correct(
        "further keys in settings",
        (
            "settings.py",
            'document = as_jsonb_object("data", data)',
            'document = as_jsonb_object("data", {"version": 3, "prefix": "!", **data})',
        ),
        areas=("settings", "agents"),
    ),
    correct(
        "keys of JSON in another order",
        (
            "settings.py",
            'return {"data": data, "rev": rev}',
            'return {"rev": rev, "data": dict(reversed(data.items()))}',
        ),
        areas=("settings", "text"),
    ),
    correct(
        "another order of tables",
        (
            "commands.py",
            "            connection.execute(_TOTAL, row)\n"
            "            connection.execute(_DAILY, row)",
            "            connection.execute(_DAILY, row)\n"
            "            connection.execute(_TOTAL, row)",
        ),
        areas=("stats",),
    ),
    correct(
        "one driver for several threads",
        (
            "implementation.py",
            '    clock = "argument"',
            '    clock = "argument"\n    concurrent = True',
        ),
    ),
    correct(
        "Discord's tokens only",
        (
            _AGENTS,
            "check_text(token=token, client_id",
            f'check_format("token", token, r"{_DISCORD}")\n'
            "        check_text(token=token, client_id",
        ),
        areas=("tokens", "agents"),
    ),
    correct(
        "time of day",
        ("implementation.py", 'clock = "argument"', 'clock = "wall"'),
        *((file, 'check_time("at_ms", at_ms)', f"at_ms = {_WALL}") for file in _TIMED),
        ("retention.py", 'check_time("now_ms", now_ms)', f"now_ms = {_WALL}"),
    ),
    correct(
        "registering again replaces",
        (_AGENTS, "ON CONFLICT DO NOTHING\n", _REPLACING),
        areas=("tokens", "agents", "text"),
    ),
    correct(
        "the same token gives the same value, in whatever row",
        (_TOKENS, "nonce = urandom(NONCE_BYTES)", _SYNTHETIC),
        (_TOKENS, 'return f"{header}.{agent_id}".encode()', "return header.encode()"),
        may_fail=("tokens.bound-to-row",),
        areas=("tokens", "agents"),
    ),
    correct(
        "at most 49 agents in a pool",
        (
            _AGENTS,
            "            now = now_ms()\n            row = [agent_id",
            "            if connection.execute(\n"
            "                'SELECT count(*) FROM agent_bots WHERE pool_id = %s',\n"
            "                [pool_id or 'pool_goot27'],\n"
            "            ).fetchone()[0] >= GUILD_LIMIT:\n"
            "                raise Rejection('agent_limit', 'the pool is full')\n"
            "            now = now_ms()\n            row = [agent_id",
        ),
        areas=("tokens", "agents", "text"),
    ),
    correct(
        "an agent for several guilds",
        (_AGENTS, _TAKEN, "taken = list(held)"),
        areas=("agents",),
    ),
    correct(
        "further statuses, and revoked for good",
        (_AGENTS, '("active", "inactive", "revoked")', '("active", "inactive", "revoked", "idle")'),
        (
            _AGENTS,
            "UPDATE agent_bots SET status = %s, updated_at = GREATEST(created_at, %s) WHERE",
            "UPDATE agent_bots SET status = %s, updated_at = GREATEST(created_at, %s)"
            " WHERE status <> 'revoked' AND",
        ),
        areas=("tokens", "agents", "time"),
    ),
    Variant(
        "a-default-pool-and-a-wallet-from-long-ago",
        "a default pool and a wallet from long ago",
        statements=(
            "INSERT INTO agent_pools (pool_id, owner_user_id, name, visibility, created_at,"
            " updated_at) VALUES ('pool_goot27', '1', 'Default', 'public', 1771027200000,"
            " 1771027200000)",
            "INSERT INTO user_wallets (user_id, created_at, updated_at)"
            " VALUES ('house', 1771027200000, 1771027200000)",
        ),
        areas=("agents", "tokens", "text", "time"),
    ),
    correct(
        "tokens of revoked agents are destroyed",
        (
            _AGENTS,
            "                raise _unknown_agent(agent_id)\n\n    def allocate",
            "                raise _unknown_agent(agent_id)\n"
            '            if status == "revoked":\n'
            "                connection.execute(\n"
            "                    \"UPDATE agent_bots SET token = 'gone ' || agent_id\"\n"
            '                    " WHERE agent_id = %s",\n'
            "                    [agent_id],\n"
            "                )\n\n    def allocate",
        ),
        areas=("agents", "tokens", "text", "time"),
    ),
    correct(
        "guards that fire for each row",
        *(
            (_GUARD, _STATEMENT.format(table), _ROW_AND_TRUNCATE.format(table))
            for table in ("schema_migrations", "transaction_log")
        ),
        areas=("migrations::test_records_are_protected", "economy::test_log_is_protected"),
    ),
    correct(
        "ids as text",
        ("pets.py", 'return {"id": pet_id}', 'return {"id": str(pet_id)}'),
        areas=("pets", "text"),
    ),
)
