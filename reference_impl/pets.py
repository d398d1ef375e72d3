"""Pets that users have."""

from typing import Any

from psycopg.types.json import Jsonb

from .arguments import as_jsonb_object, check_text
from .database import Connections
from .rejections import UnknownPet

_INSERT = """
INSERT INTO user_pets (user_id, pet_type, name, stats) VALUES (%s, %s, %s, %s) RETURNING id
"""
_UPDATE = """
UPDATE user_pets
SET name = COALESCE(%s, name), stats = COALESCE(%s, stats),
    updated_at = GREATEST(clock_timestamp(), updated_at + interval '1 microsecond')
WHERE id = %s
"""


class Pets:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def adopt(
        self,
        user_id: str,
        pet_type: str,
        name: str | None = None,
        stats: dict[str, Any] | None = None,
    ) -> dict[str, int]:
        """Answer the new pet's id; without `stats` it has the empty object."""
        check_text(user_id=user_id, pet_type=pet_type, **_given(name))
        row = [user_id, pet_type, name, as_jsonb_object("stats", stats) or Jsonb({})]
        with self._connections.transaction() as connection:
            (pet_id,) = connection.execute(_INSERT, row).fetchone() or (0,)
        return {"id": pet_id}

    def update(
        self,
        id: int,  # noqa: A002
        name: str | None = None,
        stats: dict[str, Any] | None = None,
    ) -> None:
        """Replace what is given, keep the rest. Rejection: unknown_pet."""
        check_text(**_given(name))
        if type(id) is not int:
            raise UnknownPet(id)
        row = [name, as_jsonb_object("stats", stats), id]
        with self._connections.transaction() as connection:
            if not connection.execute(_UPDATE, row).rowcount:
                raise UnknownPet(id)


def _given(name: str | None) -> dict[str, str]:
    return {} if name is None else {"name": name}
