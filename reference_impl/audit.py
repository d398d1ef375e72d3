"""The audit trail of administrative actions."""

from typing import Any

from .arguments import as_jsonb, check_text
from .database import Area

_INSERT = "INSERT INTO audit_log (guild_id, user_id, action, details) VALUES (%s, %s, %s, %s)"


class Audit(Area):
    def record(self, guild_id: str, user_id: str, action: str, details: Any = None) -> None:
        """Append an entry; its time is the database's."""
        check_text(guild_id=guild_id, user_id=user_id, action=action)
        row = [guild_id, user_id, action, as_jsonb("details", details)]
        with self._connections.transaction() as connection:
            connection.execute(_INSERT, row)
