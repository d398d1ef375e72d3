"""Pools of agents."""

from typing import Any

from .arguments import as_jsonb, check_choice, check_format, check_text
from .clock import now_ms
from .database import Area
from .rejections import Rejection

POOL_ID = r"pool_[A-Za-z0-9._-]+"
#: The default of `agent_bots.pool_id`, and the pool of guilds that selected none.
DEFAULT_POOL = "pool_goot27"

_INSERT = """
INSERT INTO agent_pools (pool_id, owner_user_id, name, visibility, created_at, updated_at, meta)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (pool_id) DO NOTHING
"""


class Pools(Area):
    def create(
        self, pool_id: str, owner_user_id: str, name: str, visibility: str, meta: Any = None
    ) -> None:
        """Rejections: duplicate_pool, invalid_format, invalid_visibility."""
        check_format("pool_id", pool_id, POOL_ID)
        check_text(owner_user_id=owner_user_id, name=name)
        check_choice("visibility", visibility, ("public", "private"), "invalid_visibility")
        now = now_ms()
        row = [pool_id, owner_user_id, name, visibility, now, now, as_jsonb("meta", meta)]
        with self._connections.transaction() as connection:
            if not connection.execute(_INSERT, row).rowcount:
                raise Rejection("duplicate_pool", f"there is a pool {pool_id}")
