"""A guild's settings: one document, saved under the revision that it was read at."""

from .arguments import MAX_INTEGER, JsonObject, as_jsonb_object, check_integer, check_text
from .database import Area, Connection
from .rejections import Rejection

STALE = "stale_revision"

# Strictly later than before, even if the clock was set back or a later transaction came first.
_UPDATE = """
UPDATE guild_settings
SET data = %s, rev = rev + 1,
    updated_at = GREATEST(clock_timestamp(), updated_at + interval '1 microsecond')
WHERE guild_id = %s AND rev = %s
RETURNING rev
"""
_INSERT = """
INSERT INTO guild_settings (guild_id, data, rev) VALUES (%s, %s, 1)
ON CONFLICT (guild_id) DO NOTHING
RETURNING rev
"""


class Settings(Area):
    def get(self, guild_id: str) -> JsonObject:
        """The guild's document and its revision, `{data: {}, rev: 0}` before the first save."""
        check_text(guild_id=guild_id)
        with self._connections.transaction() as connection:
            row = connection.execute(
                "SELECT data, rev FROM guild_settings WHERE guild_id = %s", [guild_id]
            ).fetchone()
        data, rev = row or ({}, 0)
        return {"data": data, "rev": rev}

    def save(self, guild_id: str, data: JsonObject, expected_rev: int) -> dict[str, int]:
        """Replace the document if it is still at `expected_rev`; answer the new revision.

        Rejections: stale_revision, invalid_text.
        """
        check_text(guild_id=guild_id)
        document = as_jsonb_object("data", data)
        if document is None:
            raise Rejection("invalid_text", "data is not an object")
        check_integer("expected_rev", expected_rev, range(MAX_INTEGER + 1), "a revision", STALE)
        with self._connections.transaction() as connection:
            rev = _save(connection, guild_id, document, expected_rev)
        return {"rev": rev}


def _save(connection: Connection, guild_id: str, document: object, expected_rev: int) -> int:
    # A row may be at revision 0: it is the column's default.
    row = connection.execute(_UPDATE, [document, guild_id, expected_rev]).fetchone()
    if row is None and expected_rev == 0:
        row = connection.execute(_INSERT, [guild_id, document]).fetchone()
    if row is None:
        raise Rejection(STALE, f"settings of guild {guild_id} are not at revision {expected_rev}")
    return int(row[0])
