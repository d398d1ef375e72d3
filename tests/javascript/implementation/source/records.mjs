const RETAINED_DAYS = 90;
const RETAINED_STATS_DAYS = 365;

const COUNTS = `ok = s.ok + EXCLUDED.ok, err = s.err + EXCLUDED.err,
  total_ms = s.total_ms + EXCLUDED.total_ms, count = s.count + 1,
  updated_at = GREATEST(s.updated_at, EXCLUDED.updated_at)`;
const RECORD_COMMAND = `
  WITH total AS (
    INSERT INTO command_stats AS s (guild_id, command, ok, err, total_ms, count)
    VALUES ($1, $2, $3::bigint, 1 - $3::bigint, $4, 1)
    ON CONFLICT (guild_id, command) DO UPDATE SET ${COUNTS}
  )
  INSERT INTO command_stats_daily AS s (day, guild_id, command, ok, err, total_ms, count)
  VALUES ((to_timestamp($5 / 1000.0) AT TIME ZONE 'UTC')::date, $1, $2, $3::bigint, 1 - $3::bigint, $4, 1)
  ON CONFLICT (day, guild_id, command) DO UPDATE SET ${COUNTS}`;

const PURGE_AUDIT = `
  DELETE FROM audit_log AS entry
  WHERE created_at < to_timestamp($1 / 1000.0) - interval '1 day' * COALESCE((
    SELECT (data->>'auditRetentionDays')::numeric::float8 FROM guild_settings
    WHERE guild_id = entry.guild_id AND jsonb_typeof(data->'auditRetentionDays') = 'number'
  ), ${RETAINED_DAYS})`;
const PURGE_STATS = `
  DELETE FROM command_stats_daily
  WHERE day < (to_timestamp($1 / 1000.0) AT TIME ZONE 'UTC')::date - ${RETAINED_STATS_DAYS}`;

/** Heartbeats, counted commands, the audit log and how long it is kept. */
export function records(database) {
  return {
    'runners.heartbeat': async ({ runner_id, at_ms, meta }) => {
      await database.query(
        `INSERT INTO agent_runners AS r (runner_id, last_seen, meta) VALUES ($1, $2, $3)
         ON CONFLICT (runner_id) DO UPDATE
         SET last_seen = GREATEST(r.last_seen, EXCLUDED.last_seen),
             meta = COALESCE(EXCLUDED.meta, r.meta)`,
        [runner_id, at_ms, meta],
      );
    },
    'commands.record': async ({ guild_id, command, ok, duration_ms, at_ms }) => {
      await database.query(RECORD_COMMAND, [guild_id, command, ok ? 1 : 0, duration_ms, at_ms]);
    },
    'audit.record': async ({ guild_id, user_id, action, details }) => {
      await database.query(
        'INSERT INTO audit_log (guild_id, user_id, action, details) VALUES ($1, $2, $3, $4)',
        [guild_id, user_id, action, details],
      );
    },
    'retention.purge': async ({ now_ms }) => {
      const audit = await database.query(PURGE_AUDIT, [now_ms]);
      const stats = await database.query(PURGE_STATS, [now_ms]);
      return { audit_log: audit.rowCount, command_stats_daily: stats.rowCount };
    },
  };
}
