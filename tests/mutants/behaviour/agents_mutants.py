"""Agents that are handed out wrongly, and a registry that is not what it says."""

from __future__ import annotations

from .reference_variant import mutant

_FILE = "agents.py"
_LIMIT = "if len(held) + count > GUILD_LIMIT:"
_FREE = "WHERE pool_id = %s AND status = 'active' AND agent_id <> ALL(%s)"
_FREE_ANYWHERE = _FREE.replace("pool_id = %s", "%s::text IS NOT NULL")
_INSERT_ENDS = "ON CONFLICT DO NOTHING\n"
_SET_STATUS = "UPDATE agent_bots SET status = %s, updated_at"
_STATUS = 'check_choice("status", status, STATUSES, "invalid_status")'
_TAKEN = 'raise Rejection(\n                    "duplicate_agent",'
_HANDED = "self._sessions[guild_id] = held + agents"
_REGISTERED = "if not connection.execute(insert, row).rowcount:"
_TOUCH_LOG = "UPDATE transaction_log SET amount = amount"
_WITHOUT_GUARDS = (
    "DROP TRIGGER transaction_log_never_changes ON transaction_log",
    "DROP TRIGGER schema_migrations_never_change ON schema_migrations",
)


def _before_status(statement: str) -> tuple[str, str, str]:
    old = "            if not connection.execute(_SET_STATUS"
    return (_FILE, old, f'            connection.execute("{statement}")\n{old}')


MUTANTS = (
    mutant(
        "agents.limit",
        "50 are allowed",
        (_FILE, "GUILD_LIMIT = 49", "GUILD_LIMIT = 50"),
        says=("50th agent is rejected", "it is accepted"),
    ),
    mutant(
        "agents.limit",
        "48 are allowed",
        (_FILE, "GUILD_LIMIT = 49", "GUILD_LIMIT = 48"),
        says=("agents.allocate is accepted", "agent_limit"),
    ),
    mutant(
        "agents.limit",
        "each request is looked at alone",
        (_FILE, _LIMIT, "if count > GUILD_LIMIT:"),
        says="is rejected",
    ),
    mutant(
        "agents.limit",
        "calls at once are not counted",
        (
            _FILE,
            "        with self._allocating:\n            held",
            "        if True:\n            held",
        ),
        (
            "implementation.py",
            '    clock = "argument"',
            '    clock = "argument"\n    concurrent = True',
        ),
        says=("three calls at once", "which makes 5"),
    ),
    mutant(
        "agents.limit",
        "each pool has its own",
        (
            _FILE,
            "if len(held) + count > GUILD_LIMIT:",
            "with self._connections.transaction() as looking:\n"
            "                pool_id = _selected_pool(looking, guild_id)\n"
            "                own = looking.execute("
            "'SELECT agent_id FROM agent_bots WHERE pool_id = %s', [pool_id]).fetchall()\n"
            "            if len(set(held) & {one for (one,) in own}) + count > GUILD_LIMIT:",
        ),
        says=("50th agent, from another pool is rejected", "it is accepted"),
    ),
    mutant(
        "agents.limit",
        "all guilds share it",
        (_FILE, _LIMIT, "if sum(map(len, self._sessions.values())) + count > GUILD_LIMIT:"),
        says=("agents.allocate is accepted", "agent_limit"),
    ),
    mutant(
        "agents.allocation",
        "a guild's pool is remembered",
        (
            _FILE,
            "count: int) -> list[str]:\n    pool_id = _selected_pool(connection, guild_id)",
            "count: int, pools={}) -> list[str]:\n"
            "    pool_id = pools.setdefault(guild_id, _selected_pool(connection, guild_id))",
        ),
        says="gets its agents from pool_other, that it selected since",
    ),
    mutant(
        "agents.default-pool",
        "settings without a pool are a pool without agents",
        (
            _FILE,
            "return selected if isinstance(selected, str) else DEFAULT_POOL",
            "return (selected or 'none') if row else DEFAULT_POOL",
        ),
        says=("agents.allocate is accepted", "not_enough_agents"),
    ),
    mutant(
        "agents.allocation",
        "releasing ends all sessions",
        (_FILE, "self._sessions.pop(guild_id, None)", "self._sessions.clear()"),
        says="after another guild's were released, is rejected",
    ),
    mutant(
        "agents.status",
        "every agent of the pool is set",
        (
            _FILE,
            'updated_at = GREATEST(created_at, %s) WHERE agent_id = %s\n"""\n_RESEAL',
            "updated_at = GREATEST(created_at, %s) WHERE pool_id = (SELECT pool_id FROM agent_bots"
            ' WHERE agent_id = %s)\n"""\n_RESEAL',
        ),
        says=("another agent stays 'active'", "'inactive'"),
    ),
    mutant(
        "agents.formats",
        "only eighteen digits",
        (_FILE, 'AGENT_ID = r"agent[0-9]{1,20}"', 'AGENT_ID = r"agent[0-9]{18}"'),
        says=("agents.register is accepted", "invalid_format"),
    ),
    mutant(
        "agents.re-registration",
        "half of it is replaced",
        (_FILE, _INSERT_ENDS, "ON CONFLICT (agent_id) DO UPDATE SET tag = EXCLUDED.tag\n"),
        says=("replaces it wholly", "client_id is"),
    ),
    mutant(
        "agents.re-registration",
        "a refused one is half stored",
        (
            _FILE,
            _TAKEN,
            "connection.execute('UPDATE agent_bots SET tag = %s WHERE agent_id ="
            " %s', [tag, agent_id]); connection.execute('COMMIT; BEGIN'); " + _TAKEN,
        ),
        says=("which was rejected, leaves every table as it was", "agent_bots"),
    ),
    mutant(
        "agents.re-registration",
        "two rows",
        (_FILE, _INSERT_ENDS, ""),
        statements=("ALTER TABLE agent_bots DROP CONSTRAINT agent_bots_agent_id_key",),
        says=("one row of agent_bots", "there are 2"),
    ),
    mutant(
        "agents.allocation",
        "inactive agents are handed out",
        (_FILE, _FREE, _FREE.replace("status = 'active'", "status <> 'revoked'")),
        says="4 agents of a pool that has 3 active ones is rejected",
    ),
    mutant(
        "agents.allocation",
        "agents of any pool",
        (_FILE, _FREE, _FREE_ANYWHERE),
        says="4 agents of a pool that has 3 active ones is rejected",
    ),
    mutant(
        "agents.allocation",
        "the same ones again",
        (
            _FILE,
            "taken = [agent for agents in self._sessions.values() for agent in agents]",
            "taken: list[str] = []",
        ),
        says="each once",
    ),
    mutant(
        "agents.allocation",
        "one more than asked for",
        (_FILE, "_FREE, [pool_id, taken, count]", "_FREE, [pool_id, taken, count + 1]"),
        says="agents for a guild that asked for",
    ),
    mutant(
        "agents.allocation",
        "fewer than asked for",
        (_FILE, "if len(rows) < count:", "if not rows:"),
        says="4 agents of a pool that has 3 active ones is rejected",
    ),
    mutant(
        "agents.status",
        "the status stays",
        (
            _FILE,
            _SET_STATUS,
            "UPDATE agent_bots SET status = CASE WHEN %s = '' THEN '' ELSE status END, updated_at",
        ),
        says=("status 'inactive' after it was set", "'active'"),
    ),
    mutant(
        "agents.status",
        "any word is a status",
        (_FILE, _STATUS, "check_text(status=status)"),
        says=("the status '' is rejected", "it is accepted"),
    ),
    mutant(
        "agents.default-pool",
        "no pool without one",
        (_FILE, "sql.DEFAULT if pool_id is None", "sql.NULL if pool_id is None"),
        says=("registered without a pool is in pool_goot27", "it is in None"),
    ),
    mutant(
        "agents.default-pool",
        "one pool for all",
        (_FILE, "sql.DEFAULT if pool_id is None else sql.Literal(pool_id)", "sql.DEFAULT"),
        says=("registered with", "it is in pool_goot27"),
    ),
    mutant(
        "agents.default-pool",
        "without a choice the newest agent of any pool",
        (_FILE, _FREE, _FREE_ANYWHERE),
        (_FILE, "ORDER BY id LIMIT %s", "ORDER BY id DESC LIMIT %s"),
        says="a guild gets its agents from pool_goot27, as it selected none",
    ),
    mutant(
        "agents.formats",
        "any agent id",
        (_FILE, 'AGENT_ID = r"agent[0-9]{1,20}"', 'AGENT_ID = r".*"'),
        says=("agent_id", "is rejected"),
    ),
    mutant(
        "agents.formats",
        "any pool id",
        ("pools.py", 'POOL_ID = r"pool_[A-Za-z0-9._-]+"', 'POOL_ID = ".*"'),
        says=("pool_id", "is rejected"),
    ),
    mutant(
        "agents.critical-path",
        "statuses are audited",
        _before_status(
            "INSERT INTO audit_log (guild_id, user_id, action) VALUES ('', '', 'status')"
        ),
        says=("agents.set_status works while audit_log is locked", "it waits for audit_log"),
    ),
    mutant(
        "agents.critical-path",
        "registering asks for a wallet",
        (
            _FILE,
            "            _lock_tokens(connection)\n            fingerprints",
            "            _lock_tokens(connection)\n            connection.execute("
            "'SELECT FROM user_wallets WHERE user_id = %s FOR UPDATE', [client_id])\n"
            "            fingerprints",
        ),
        says="agents.register works while user_wallets is locked",
    ),
    mutant(
        "agents.critical-path",
        "heartbeats tidy up",
        (
            "runners.py",
            "            connection.execute(_UPSERT, row)",
            "            connection.execute(_UPSERT, row)\n            connection.execute("
            "\"DELETE FROM command_stats_daily WHERE day < now() - interval '1 year'\")",
        ),
        says="runners.heartbeat works while command_stats_daily is locked",
    ),
    mutant(
        "agents.critical-path",
        "a trigger writes down new pools",
        statements=(
            "CREATE FUNCTION note_pool() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO"
            " audit_log (guild_id, user_id, action) VALUES ('', NEW.owner_user_id, 'pool');"
            " RETURN NEW; END $$",
            "CREATE TRIGGER note AFTER INSERT ON agent_pools FOR EACH ROW"
            " EXECUTE FUNCTION note_pool()",
        ),
        says="pools.create works while audit_log is locked",
    ),
    mutant(
        "agents.session-state-in-memory",
        "allocations are stored",
        (
            _FILE,
            "            with self._connections.transaction() as connection:\n"
            "                agents = _free",
            "            with self._connections.transaction() as connection:\n"
            "                connection.execute('UPDATE agent_pools SET"
            " updated_at = updated_at')\n"
            "                agents = _free",
        ),
        says="rows of agent_pools were written",
    ),
    mutant(
        "agents.session-state-in-memory",
        "sessions are rows",
        (
            _FILE,
            f"            {_HANDED}",
            f"            {_HANDED}\n"
            "            with self._connections.transaction() as connection:\n"
            "                for agent in agents:\n"
            "                    connection.execute("
            "'INSERT INTO agent_sessions VALUES (%s, %s)', [agent, guild_id])",
        ),
        statements=("CREATE TABLE agent_sessions (agent_id text PRIMARY KEY, guild_id text)",),
        says="rows of agent_sessions were written",
    ),
    mutant(
        "agents.session-state-in-memory",
        "releasing says when agents were last used",
        (
            _FILE,
            "            self._sessions.pop(guild_id, None)",
            "            released = self._sessions.pop(guild_id, [])\n"
            "            with self._connections.transaction() as connection:\n"
            "                connection.execute('UPDATE agent_bots SET updated_at = %s"
            " WHERE agent_id = ANY(%s)', [now_ms(), released])",
        ),
        says="rows of agent_bots were written",
    ),
    mutant(
        "agents.rejection-names",
        "the database's word is passed on",
        (_FILE, _INSERT_ENDS, ""),
        says="no name, SQLSTATE 23505 instead of duplicate_agent",
    ),
    mutant(
        "agents.rejection-names",
        "too few agents are told as the limit",
        (_FILE, '"not_enough_agents"', '"agent_limit"'),
        says="too many agents: agent_limit instead of not_enough_agents",
    ),
    mutant(
        "agents.rejection-names",
        "one name for all that is wrong",
        (_FILE, '"invalid_status")', '"invalid_argument")'),
        ("pools.py", '"invalid_visibility")', '"invalid_argument")'),
        says=(
            "no such status: invalid_argument instead of invalid_status",
            "a hidden pool: invalid_argument instead of invalid_visibility",
        ),
    ),
    mutant(
        "economy.log-append-only",
        "setting a status touches the log",
        _before_status(_TOUCH_LOG),
        statements=(
            *_WITHOUT_GUARDS,
            "INSERT INTO transaction_log (amount, reason, timestamp) VALUES (1, 'x', 1)",
        ),
        says=("agents.set_status leaves every row of transaction_log", "1 of 1 rows"),
        test="agents::test_status",
    ),
    mutant(
        "migrations.records-never-change",
        "setting a status touches the records",
        _before_status("UPDATE schema_migrations SET checksum = checksum"),
        statements=_WITHOUT_GUARDS,
        says=("agents.set_status leaves every row of schema_migrations", "3 of 3 rows"),
        test="agents::test_status",
    ),
    mutant(
        "migrations.records-never-change",
        "checking the schema puts the records in order",
        (
            "implementation.py",
            '        return {"hash": verify(self._database)}',
            "        with self._connections.transaction() as connection:\n            "
            "connection.execute('UPDATE schema_migrations SET version = trim(version)')\n"
            '        return {"hash": verify(self._database)}',
        ),
        statements=_WITHOUT_GUARDS,
        says=("no row of schema_migrations is updated or deleted", "3 of 3 rows"),
    ),
)
