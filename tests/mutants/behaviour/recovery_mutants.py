"""Implementations that lose what they accepted, in a crash, in a dump, or on the way back."""

from __future__ import annotations

from functools import partial

from .reference_variant import correct, mutant

_SURVIVES = partial(
    mutant, "recovery.acknowledged-survives", test="recovery::test_acknowledged_operations_survive"
)
_DUMP = partial(mutant, "recovery.dump-restore", test="recovery::test_dump_and_restore")
_POINT = partial(mutant, "recovery.point-in-time", test="recovery::test_point_in_time")

_OFF = "SET synchronous_commit TO off"
_OFF_IN_DATABASE = (
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit TO off',"
    " current_database()); END $$"
)
_ISOLATION = "        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED\n"
_CONNECTED = 'psycopg.connect(database.dsn, autocommit=True, client_encoding="utf8")'
_INSERTED = """\
        with self._connections.transaction() as connection:
            connection.execute(_INSERT, row)
"""
_INSERTED_LATER = f"""\
        def write():
            import contextlib, time
            time.sleep(0.1)
            with contextlib.suppress(Exception):
        {"        ".join(_INSERTED.splitlines(keepends=True))}
        import threading
        threading.Thread(target=write, daemon=True).start()
"""
_TOTALLED = """\
            connection.execute(_TOTAL, row)
"""
_KEYS = "self._ring = KeyRing(map(TokenKey.from_hex, token_keys))"
_KEYS_OF_DATABASE = """\
import hashlib
        self._ring = KeyRing(
            TokenKey.from_hex({"id": key["id"], "key": hashlib.sha256(
                (key["key"] + connections._database.name).encode()).hexdigest()})
            for key in token_keys
        )"""
_ALL_TOKENS = "SELECT agent_id, token FROM agent_bots ORDER BY agent_id FOR UPDATE"
_NEW_TOKENS = (
    "SELECT agent_id, token FROM agent_bots WHERE created_at > (SELECT 1000 * extract(epoch FROM"
    " backend_start) FROM pg_stat_activity WHERE pid = pg_backend_pid())"
    " ORDER BY agent_id FOR UPDATE"
)
_CLOCK = (
    "CREATE FUNCTION clock() RETURNS float8 LANGUAGE sql IMMUTABLE"
    " AS 'SELECT extract(epoch FROM clock_timestamp())::float8'"
)
_COMPUTED = "ALTER TABLE {} ADD COLUMN written_at float8 GENERATED ALWAYS AS (clock()) STORED"
_LOOKS_ELSEWHERE = (
    "CREATE FUNCTION is_open(bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE"
    " AS 'BEGIN RETURN $1 >= 0 AND EXISTS (SELECT FROM schema_migrations); END'",
    "ALTER TABLE user_wallets ADD CHECK (is_open(balance))",
)
_HALF_UNLOGGED = (
    "ALTER TABLE user_wallets RENAME TO old_wallets",
    "CREATE TABLE user_wallets (LIKE old_wallets INCLUDING ALL) PARTITION BY HASH (user_id)",
    "CREATE TABLE wallets_0 PARTITION OF user_wallets FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
    "CREATE UNLOGGED TABLE wallets_1 PARTITION OF user_wallets"
    " FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
    "DROP TABLE old_wallets",
)
_NOT_THERE = "it is not there, though the operation had been accepted"

CORRECT = (
    correct("the reference itself"),
    correct(
        "keys by their id",
        ("tokens.py", "tuple(keys)", "tuple({key.id: key for key in keys}.values())"),
    ),
)

MUTANTS = (
    _SURVIVES(
        "its sessions do not wait for the log",
        ("database.py", _ISOLATION, f'{_ISOLATION}        connection.execute("{_OFF}")\n'),
        says=("the row of user_wallets with", _NOT_THERE),
    ),
    _SURVIVES(
        "its migrations do not wait either",
        ("database.py", _CONNECTED, f'{_CONNECTED[:-1]}, options="-c synchronous_commit=off")'),
        says="what was migrated before a crash",
    ),
    _SURVIVES(
        "its role does not wait for the log",
        statements=(f"ALTER ROLE CURRENT_USER {_OFF}",),
        says=("the row of user_wallets with", _NOT_THERE),
    ),
    _SURVIVES(
        "its database does not wait for the log",
        statements=(_OFF_IN_DATABASE,),
        says=("the row of user_wallets with", _NOT_THERE),
    ),
    _SURVIVES(
        "one operation does not wait for the log",
        (
            "commands.py",
            _TOTALLED,
            f'            connection.execute("{_OFF.replace("SET", "SET LOCAL")}")\n{_TOTALLED}',
        ),
        says=("the row of command_stats with", _NOT_THERE),
    ),
    _SURVIVES(
        "wallets are not logged",
        statements=("ALTER TABLE user_wallets SET UNLOGGED",),
        says=("the row of user_wallets with", _NOT_THERE),
    ),
    _SURVIVES(
        "entries are written after the answer",
        ("audit.py", _INSERTED, _INSERTED_LATER),
        says=("the row of audit_log with", _NOT_THERE),
    ),
    _DUMP(
        "a check that looks at another table",
        statements=_LOOKS_ELSEWHERE,
        says=("can be restored (pg_restore)", "schema_migrations"),
    ),
    _DUMP(
        "a column of the log that depends on the time",
        statements=(_CLOCK, _COMPUTED.format("transaction_log")),
        says="rows of transaction_log are the same bytes in what was restored",
    ),
    _DUMP(
        "a column of wallets that depends on the time",
        statements=(_CLOCK, _COMPUTED.format("user_wallets")),
        says="the rows of user_wallets are not what they were",
    ),
    _DUMP(
        "keys that are the database's own",
        ("agents.py", _KEYS, _KEYS_OF_DATABASE),
        says="reading a token from a dump that was restored",
    ),
    _DUMP(
        "only new tokens are encrypted anew",
        ("agents.py", _ALL_TOKENS, _NEW_TOKENS),
        says="3 of 3 are stored as they were",
    ),
    _POINT(
        "wallets are not logged",
        statements=("ALTER TABLE user_wallets SET UNLOGGED",),
        says="the rows of user_wallets are not what they were",
    ),
    _POINT(
        "one part of the wallets is not logged",
        statements=_HALF_UNLOGGED,
        says="the rows of user_wallets are not what they were",
    ),
    _POINT(
        "what is counted often is not logged",
        statements=(
            "ALTER TABLE command_stats SET UNLOGGED",
            "ALTER TABLE command_stats_daily SET UNLOGGED",
            "ALTER TABLE agent_runners SET UNLOGGED",
        ),
        says="the rows of agent_runners, command_stats, command_stats_daily are not",
    ),
)
