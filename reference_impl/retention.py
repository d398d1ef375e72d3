"""Deletes what is older than it is to be kept.

In batches, each a transaction of its own, so that no lock and no snapshot lasts long: a purge
that is cut short has deleted some of what was due, and the next one deletes the rest. The two
immutable tables are never touched.
"""

from datetime import timedelta

from .arguments import check_time
from .clock import utc
from .database import Area

AUDIT_DAYS = 90
DAILY_STATS_DAYS = 365
BATCH = 5_000

# Walks the primary key once, because nothing indexes the time. A retention that is no number, or
# none between a day and a century, is nobody's decision, and the default applies.
_PURGE_AUDIT_LOG = """
WITH batch AS (
  SELECT id, guild_id, created_at FROM audit_log WHERE id > %(after)s ORDER BY id LIMIT %(batch)s
), retention AS (
  SELECT guild_id,
         CASE WHEN jsonb_typeof(data -> 'auditRetentionDays') = 'number'
              THEN (data ->> 'auditRetentionDays')::numeric END AS days
  FROM guild_settings WHERE guild_id IN (SELECT guild_id FROM batch)
), expired AS (
  DELETE FROM audit_log USING batch LEFT JOIN retention USING (guild_id)
  WHERE audit_log.id = batch.id
    AND batch.created_at < %(now)s - interval '24 hours'
        * CASE WHEN days BETWEEN 1 AND 36500 THEN days ELSE %(default)s END::float8
  RETURNING 1
)
SELECT (SELECT max(id) FROM batch), (SELECT count(*) FROM expired)
"""
_PURGE_DAILY_STATS = """
DELETE FROM command_stats_daily WHERE (day, guild_id, command) IN (
  SELECT day, guild_id, command FROM command_stats_daily WHERE day < %s ORDER BY day LIMIT %s
)
"""


class Retention(Area):
    def purge(self, now_ms: int) -> dict[str, int]:
        """Delete what has expired at `now_ms`; answer how many rows went from each table.

        Audit entries go after the guild's `auditRetentionDays`, 90 by default, to the instant;
        daily counts of commands after 365 days, by the UTC day.
        """
        check_time("now_ms", now_ms)
        return {
            "audit_log": self._purge_audit_log(now_ms),
            "command_stats_daily": self._purge_daily_stats(now_ms),
        }

    def _purge_audit_log(self, now_ms: int) -> int:
        purged = 0
        arguments = {"now": utc(now_ms), "default": AUDIT_DAYS, "batch": BATCH, "after": 0}
        while True:
            with self._connections.transaction() as connection:
                row = connection.execute(_PURGE_AUDIT_LOG, arguments).fetchone()
            last, count = row or (None, 0)
            if last is None:
                return purged
            purged += count
            arguments["after"] = last

    def _purge_daily_stats(self, now_ms: int) -> int:
        purged = 0
        first_kept = utc(now_ms).date() - timedelta(days=DAILY_STATS_DAYS)
        while True:
            with self._connections.transaction() as connection:
                count = connection.execute(_PURGE_DAILY_STATS, [first_kept, BATCH]).rowcount
            purged += count
            if count < BATCH:
                return purged
