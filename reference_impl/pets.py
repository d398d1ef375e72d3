"""Pets that users have."""

from psycopg.types.json import Jsonb

from .arguments import JsonObject, as_jsonb_object, check_text
from .database import Area
from .rejections import Rejection

_INSERT = """
INSERT INTO user_pets (user_id, pet_type, name, stats) VALUES (%s, %s, %s, %s) RETURNING id
"""
_UPDATE = """
UPDATE user_pets
SET name = COALESCE(%s, name), stats = COALESCE(%s, stats),
    updated_at = GREATEST(clock_timestamp(), updated_at + interval '1 microsecond')
WHERE id = %s
"""


class Pets(Area):
    def adopt(
        self, user_id: str, pet_type: str, name: str | None = None, stats: JsonObject | None = None
    ) -> dict[str, int]:
        """Answer the new pet's id; without `stats` it has the empty object."""
        check_text(user_id=user_id, pet_type=pet_type)
        _check_name(name)
        row = [user_id, pet_type, name, as_jsonb_object("stats", stats) or Jsonb({})]
        with self._connections.transaction() as connection:
            (pet_id,) = connection.execute(_INSERT, row).fetchone() or (0,)
        return {"id": pet_id}

    def update(self, id: int, name: str | None = None, stats: JsonObject | None = None) -> None:  # noqa: A002
        """Replace what is given, keep the rest. Rejection: unknown_pet."""
        _check_name(name)
        row = [name, as_jsonb_object("stats", stats), id]
        with self._connections.transaction() as connection:
            if type(id) is not int or not connection.execute(_UPDATE, row).rowcount:
                raise Rejection("unknown_pet", f"there is no pet {id!r}")


def _check_name(name: str | None) -> None:
    if name is not None:
        check_text(name=name)
