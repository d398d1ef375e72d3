"""Counts of the commands that were used, in all and per UTC day."""

from .arguments import MAX_BIGINT, check_integer, check_text, check_time, unexpected
from .clock import utc
from .database import Area

# Added up by the database, so that no concurrent count is lost; always in this order of tables,
# so that no two transactions wait for each other.
_COUNTERS = """
  ok = counted.ok + EXCLUDED.ok, err = counted.err + EXCLUDED.err,
  total_ms = counted.total_ms + EXCLUDED.total_ms, count = counted.count + EXCLUDED.count,
  updated_at = GREATEST(counted.updated_at, EXCLUDED.updated_at)
"""
_TOTAL = f"""
INSERT INTO command_stats AS counted (guild_id, command, ok, err, total_ms, count)
VALUES (%(guild_id)s, %(command)s, %(ok)s, %(err)s, %(duration_ms)s, 1)
ON CONFLICT (guild_id, command) DO UPDATE SET {_COUNTERS}
"""  # noqa: S608
_DAILY = f"""
INSERT INTO command_stats_daily AS counted (day, guild_id, command, ok, err, total_ms, count)
VALUES (%(day)s, %(guild_id)s, %(command)s, %(ok)s, %(err)s, %(duration_ms)s, 1)
ON CONFLICT (day, guild_id, command) DO UPDATE SET {_COUNTERS}
"""  # noqa: S608


class Commands(Area):
    def record(self, guild_id: str, command: str, ok: bool, duration_ms: int, at_ms: int) -> None:
        """Count one use of a command, which ended at `at_ms`, well (`ok`) or not."""
        check_text(guild_id=guild_id, command=command)
        check_time("at_ms", at_ms)
        check_integer("duration_ms", duration_ms, range(MAX_BIGINT + 1), "whole milliseconds")
        if type(ok) is not bool:
            raise unexpected("ok", ok, "true or false")
        row = {
            "day": utc(at_ms).date(),
            "guild_id": guild_id,
            "command": command,
            "ok": int(ok),
            "err": int(not ok),
            "duration_ms": duration_ms,
        }
        with self._connections.transaction() as connection:
            connection.execute(_TOTAL, row)
            connection.execute(_DAILY, row)
