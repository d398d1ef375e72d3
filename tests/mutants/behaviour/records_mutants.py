"""Counts and records that are wrong, and rows that stay or go when they should not."""

from __future__ import annotations

from .reference_variant import mutant

_RUNNERS, _COMMANDS = "runners.py", "commands.py"
_AUDIT, _RETENTION, _PETS = "audit.py", "retention.py", "pets.py"
_NOW = '__import__("datetime").datetime.now().astimezone()'
_AUDITED_AT_THE_START = "action, details, created_at) VALUES (%s, %s, %s, %s, '{_START}')"
_ADOPTED_AT_THE_START = "name, stats, updated_at) VALUES (%s, %s, %s, %s, '{_START}')"
_PET_MOVED = "GREATEST(clock_timestamp(), updated_at + interval '1 microsecond')"
_INSERTED = "            connection.execute(_INSERT, row)"
_LATEST = "last_seen = GREATEST(known.last_seen, EXCLUDED.last_seen)"
_META = "THEN COALESCE(EXCLUDED.meta, known.meta)"
_ADDED = "total_ms = counted.total_ms + EXCLUDED.total_ms, count = counted.count + EXCLUDED.count"
_AGE = "AND batch.created_at < %(now)s - interval '24 hours'"
_DAYS = "CASE WHEN days BETWEEN 1 AND 36500 THEN days ELSE %(default)s END::float8"
_PURGED = '        return {\n            "audit_log": self._purge_audit_log(now_ms),'
_WITHOUT_GUARDS = ("DROP TRIGGER transaction_log_never_changes ON transaction_log",)
_LOST_UPDATE = """\
        with self._connections.transaction() as connection:
            key = [guild_id, command]
            query = "SELECT ok, err, total_ms, count FROM command_stats WHERE guild_id = %s"
            found = connection.execute(query + " AND command = %s", key).fetchone()
            if found:
                new = [found[0] + ok, found[1] + (not ok), found[2] + duration_ms, found[3] + 1]
                update = "UPDATE command_stats SET ok = %s, err = %s, total_ms = %s, count = %s"
                connection.execute(f"{update} WHERE guild_id = %s AND command = %s", new + key)
            else:
                connection.execute(_TOTAL, row)"""
_TOTALLED = """\
        with self._connections.transaction() as connection:
            connection.execute(_TOTAL, row)"""

MUTANTS = (
    mutant(
        "runners.heartbeat",
        "only the first counts",
        (_RUNNERS, _LATEST, "last_seen = known.last_seen"),
        says=("last_seen", "an hour later"),
    ),
    mutant(
        "runners.heartbeat",
        "meta is lost",
        (_RUNNERS, _META, "THEN EXCLUDED.meta"),
        says=("meta has 'host'", "None"),
    ),
    mutant(
        "runners.heartbeat",
        "every runner's",
        (
            _RUNNERS,
            "            connection.execute(_UPSERT, row)",
            "            connection.execute(_UPSERT, row)\n            connection.execute("
            "'UPDATE agent_runners SET meta = %s', row[2:])",
        ),
        says=("meta has 'host'", "None"),
    ),
    mutant(
        "runners.late-heartbeat",
        "the last to arrive counts",
        (_RUNNERS, _LATEST, "last_seen = EXCLUDED.last_seen"),
        says="arrives late",
    ),
    mutant(
        "runners.late-heartbeat",
        "with meta it counts, however late",
        (
            _RUNNERS,
            _LATEST,
            "last_seen = CASE WHEN EXCLUDED.meta IS NULL THEN known.last_seen"
            " ELSE EXCLUDED.last_seen END",
        ),
        says="with meta, arrives late",
    ),
    mutant(
        "runners.late-heartbeat",
        "each process remembers the last one by itself",
        (_RUNNERS, _LATEST, "last_seen = EXCLUDED.last_seen"),
        (
            _RUNNERS,
            "        row = [runner_id, at_ms, as_jsonb",
            "        seen = self.__dict__.setdefault('_seen', {})\n"
            "        at_ms = seen[runner_id] = max(seen.get(runner_id, 0), at_ms)\n"
            "        row = [runner_id, at_ms, as_jsonb",
        ),
        says="after a restart, arrives late",
    ),
    mutant(
        "runners.late-heartbeat",
        "a few seconds late is not late",
        (
            _RUNNERS,
            _LATEST,
            "last_seen = CASE WHEN EXCLUDED.last_seen > known.last_seen - 5000"
            " THEN EXCLUDED.last_seen ELSE known.last_seen END",
        ),
        says="arrives late",
    ),
    mutant(
        "stats.counters",
        "errors count as well",
        (_COMMANDS, '"ok": int(ok),', '"ok": 1,'),
        says="has ok = 2",
    ),
    mutant(
        "stats.counters",
        "durations are not added up",
        (
            _COMMANDS,
            "total_ms = counted.total_ms + EXCLUDED.total_ms",
            "total_ms = EXCLUDED.total_ms",
        ),
        says="has total_ms = 23",
    ),
    mutant(
        "stats.counters",
        "the day is left out",
        (_COMMANDS, "            connection.execute(_DAILY, row)", "            pass"),
        says="command_stats_daily",
    ),
    mutant(
        "stats.counters",
        "reads and writes back",
        (_COMMANDS, _TOTALLED, _LOST_UPDATE),
        says=("command_stats of 'at once in command_stats'", "has ok ="),
    ),
    mutant(
        "stats.daily-bucket",
        "the day of the database's time zone",
        (
            _COMMANDS,
            "VALUES (%(day)s, %(guild_id)s",
            "VALUES (to_timestamp(%(at)s / 1000.0)::date, %(guild_id)s",
        ),
        (_COMMANDS, '"day": utc(at_ms).date(),', '"at": at_ms,'),
        says=("before midnight UTC", "time zone"),
    ),
    mutant(
        "stats.daily-bucket",
        "the day when it is counted",
        (
            _COMMANDS,
            "VALUES (%(day)s, %(guild_id)s",
            "VALUES ((now() AT TIME ZONE 'UTC')::date, %(guild_id)s",
        ),
        says="before midnight UTC",
    ),
    mutant(
        "stats.daily-bucket",
        "the day begins at noon",
        (_COMMANDS, '"day": utc(at_ms).date(),', '"day": utc(at_ms + 43_200_000).date(),'),
        says="before midnight UTC",
    ),
    mutant(
        "audit.append",
        "details are left out",
        (_AUDIT, 'as_jsonb("details", details)', "None"),
        says="audit_log.details has",
    ),
    mutant(
        "audit.append",
        "the time of the start",
        (_AUDIT, '_INSERT = "', f'_START = {_NOW}\n_INSERT = f"'),
        (_AUDIT, "action, details) VALUES (%s, %s, %s, %s)", _AUDITED_AT_THE_START),
        says="audit_log.created_at is a second after",
    ),
    mutant(
        "audit.append",
        "guild and user are swapped",
        (_AUDIT, "row = [guild_id, user_id,", "row = [user_id, guild_id,"),
        says="audit_log.guild_id is",
    ),
    mutant(
        "audit.append",
        "empty details become NULL",
        (_AUDIT, 'as_jsonb("details", details)', 'as_jsonb("details", details or None)'),
        says=("details is an object", "None"),
    ),
    mutant(
        "audit.append",
        "one entry a guild",
        (
            _AUDIT,
            _INSERTED,
            '            connection.execute("DELETE FROM audit_log WHERE'
            f' guild_id = %s", [guild_id])\n{_INSERTED}',
        ),
        says="leaves the earlier ones",
    ),
    mutant(
        "audit.append",
        "an hour off",
        (
            _AUDIT,
            '(guild_id, user_id, action, details) VALUES (%s, %s, %s, %s)"',
            "(guild_id, user_id, action, details, created_at)"
            " VALUES (%s, %s, %s, %s, now() - interval '1 hour')\"",
        ),
        says="created_at is near now",
    ),
    mutant(
        "retention.audit",
        "a day too long",
        (_RETENTION, "AUDIT_DAYS = 90", "AUDIT_DAYS = 92"),
        says=("deletes the audit entry 91 days", "keeps 90 days"),
    ),
    mutant(
        "retention.audit",
        "a day too short",
        (_RETENTION, "AUDIT_DAYS = 90", "AUDIT_DAYS = 89"),
        says=("leaves the audit entry 89 days", "keeps 90 days"),
    ),
    mutant(
        "retention.audit",
        "every guild has the default",
        (_RETENTION, _DAYS, "%(default)s::float8"),
        says="audit entry",
    ),
    mutant(
        "retention.audit",
        "months",
        (_RETENTION, _AGE, "AND batch.created_at < %(now)s - interval '30 days'"),
        says="deletes the audit entry",
    ),
    mutant(
        "retention.daily-stats",
        "a leap year's days",
        (_RETENTION, "DAILY_STATS_DAYS = 365", "DAILY_STATS_DAYS = 368"),
        says="deletes the row of command_stats_daily of a day 367 days ago",
    ),
    mutant(
        "retention.daily-stats",
        "as long as the audit log",
        (_RETENTION, "DAILY_STATS_DAYS = 365", "DAILY_STATS_DAYS = 90"),
        says="leaves the row of command_stats_daily",
    ),
    mutant(
        "retention.daily-stats",
        "only the oldest day goes",
        (
            _RETENTION,
            "WHERE day < %s ORDER BY day LIMIT %s",
            "WHERE day = (SELECT min(day) FROM command_stats_daily) AND day < %s LIMIT %s",
        ),
        says="deletes the row of command_stats_daily of a day 367 days ago",
    ),
    mutant(
        "retention.audit",
        "one batch a call",
        (_RETENTION, '            arguments["after"] = last', "            return purged"),
        (_RETENTION, "BATCH = 5_000", "BATCH = 1_000"),
        says=("deletes the audit entry", "still there"),
    ),
    mutant(
        "retention.audit",
        "an answer of none",
        (_RETENTION, "            purged += count\n            arguments", "            arguments"),
        says=("the answer says that", "it says 0"),
    ),
    mutant(
        "retention.daily-stats",
        "an answer of none for days",
        (_RETENTION, "            purged += count\n            if", "            if"),
        says=("the answer says that 2 rows of command_stats_daily went", "it says 0"),
    ),
    *(
        mutant(
            "retention.spares-the-immutable",
            f"{table} is purged too",
            (
                _RETENTION,
                _PURGED,
                "        with self._connections.transaction() as connection:\n"
                f'            connection.execute("DELETE FROM {table} WHERE {old}",'
                f" [{before}(now_ms - 10**11)])\n{_PURGED}",
            ),
            says=f"deletes no row of {table}",
        )
        for table, old, before in (
            ("command_stats", "updated_at < %s", "utc"),
            ("user_wallets", "balance + bank = 0 AND updated_at < %s", ""),
        )
    ),
    mutant(
        "retention.spares-the-immutable",
        "the log is purged too",
        (
            _RETENTION,
            _PURGED,
            "        with self._connections.transaction() as connection:\n"
            '            connection.execute("DELETE FROM transaction_log WHERE'
            ' timestamp < %s", [now_ms - 10**11])\n' + _PURGED,
        ),
        statements=_WITHOUT_GUARDS,
        says=("every row of transaction_log", "1 of 1"),
    ),
    mutant(
        "retention.spares-the-immutable",
        "old records of migrations go",
        (
            _RETENTION,
            _PURGED,
            "        with self._connections.transaction() as connection:\n"
            '            connection.execute("DELETE FROM schema_migrations WHERE'
            " applied_at < now() - interval '5 years'\")\n" + _PURGED,
        ),
        statements=("DROP TRIGGER schema_migrations_never_change ON schema_migrations",),
        says=("every row of schema_migrations", "1 of 4"),
    ),
    mutant(
        "retention.spares-the-immutable",
        "users of old rows are made nameless",
        (
            _RETENTION,
            _PURGED,
            "        with self._connections.transaction() as connection:\n"
            '            connection.execute("UPDATE transaction_log SET from_user = NULL,'
            ' to_user = NULL WHERE timestamp < %s", [now_ms - 10**11])\n' + _PURGED,
        ),
        statements=_WITHOUT_GUARDS,
        says=("every row of transaction_log", "1 of 1"),
    ),
    mutant(
        "pets.round-trip",
        "stats are NULL",
        (_PETS, " or Jsonb({})]", "]"),
        says=("has an object", "None"),
    ),
    mutant(
        "pets.round-trip",
        "types are in capitals",
        (_PETS, "row = [user_id, pet_type,", "row = [user_id, pet_type.upper(),"),
        says="user_pets.pet_type is",
    ),
    mutant(
        "pets.round-trip",
        "a new name loses the stats",
        (_PETS, "stats = COALESCE(%s, stats)", "stats = COALESCE(%s, '{}'::jsonb)"),
        says="user_pets.stats has 'hunger'",
    ),
    mutant(
        "pets.round-trip",
        "updated_at stays",
        (_PETS, _PET_MOVED, "updated_at"),
        says="moves forward",
    ),
    mutant(
        "pets.round-trip",
        "updated_at is the time of the start",
        (_PETS, '_INSERT = """', f'_START = {_NOW}\n_INSERT = f"""'),
        (_PETS, "name, stats) VALUES (%s, %s, %s, %s)", _ADOPTED_AT_THE_START),
        (_PETS, '_UPDATE = """', '_UPDATE = f"""'),
        (_PETS, _PET_MOVED, "'{_START}'"),
        says="moves forward",
    ),
    mutant(
        "pets.round-trip",
        "created_at moves",
        (_PETS, "stats = COALESCE(%s, stats)", "stats = COALESCE(%s, stats), created_at = now()"),
        says="created_at of a pet stays",
    ),
    mutant(
        "pets.round-trip",
        "every pet is updated",
        (_PETS, "WHERE id = %s\n", "WHERE id >= %s\n"),
        says="other pets",
    ),
    mutant(
        "pets.rejection-names",
        "another name",
        (_PETS, '"unknown_pet"', '"not_found"'),
        says="not_found instead of unknown_pet",
    ),
    mutant(
        "pets.rejection-names",
        "the database's word is passed on",
        (
            _PETS,
            'raise Rejection("unknown_pet", f"there is no pet {id!r}")',
            'connection.execute("INSERT INTO user_pets (id) VALUES (%s)", [id])',
        ),
        says="no name, SQLSTATE 23502 instead of unknown_pet",
    ),
)
