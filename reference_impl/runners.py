"""Signs of life of the processes that run agents."""

from typing import Any

from .arguments import as_jsonb, check_text, check_time
from .database import Area

# Messages overtake each other: an older one moves nothing back, and fills only what is empty.
_UPSERT = """
INSERT INTO agent_runners AS known (runner_id, last_seen, meta) VALUES (%s, %s, %s)
ON CONFLICT (runner_id) DO UPDATE SET
  last_seen = GREATEST(known.last_seen, EXCLUDED.last_seen),
  meta = CASE WHEN EXCLUDED.last_seen >= known.last_seen
              THEN COALESCE(EXCLUDED.meta, known.meta)
              ELSE COALESCE(known.meta, EXCLUDED.meta) END
"""


class Runners(Area):
    def heartbeat(self, runner_id: str, at_ms: int, meta: Any = None) -> None:
        """Note that the runner lived at `at_ms`; without `meta`, the earlier one stays."""
        check_text(runner_id=runner_id)
        check_time("at_ms", at_ms)
        row = [runner_id, at_ms, as_jsonb("meta", meta)]
        with self._connections.transaction() as connection:
            connection.execute(_UPSERT, row)
