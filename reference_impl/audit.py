"""The audit trail of administrative actions."""

from typing import Any

from .arguments import as_jsonb, check_text
from .database import Connections


class Audit:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def record(self, guild_id: str, user_id: str, action: str, details: Any = None) -> None:
        """Append an entry; its time is the database's."""
        check_text(guild_id=guild_id, user_id=user_id, action=action)
        row = [guild_id, user_id, action, as_jsonb("details", details)]
        with self._connections.transaction() as connection:
            connection.execute(
                "INSERT INTO audit_log (guild_id, user_id, action, details)"
                " VALUES (%s, %s, %s, %s)",
                row,
            )
