"""What the judged schemas are migrated by."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

import psycopg

from pytest_chopsticks.databases import Database

_VERSION = "20260214_000000"
_RECORD = """
    INSERT INTO schema_migrations (version, description, checksum) VALUES (%s, %s, repeat('0', 64))
"""


class RunsStatements:
    """Runs its statements in one transaction and records them as one migration, once."""

    search_path: ClassVar[str]
    statements: ClassVar[tuple[str, ...]]

    def __init__(self, database: Database, token_keys: object) -> None:
        self._database = database

    def migrate(self) -> Mapping[str, Any]:
        with self._database.connect() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(1)")
            if self.search_path:
                connection.execute("SELECT set_config('search_path', %s, true)", [self.search_path])
            if _is_recorded(connection):
                return {"applied": []}
            connection.execute(";\n".join(self.statements).encode())
            # The table of records may itself be what is broken.
            with suppress(psycopg.Error), connection.transaction():
                connection.execute(_RECORD, [_VERSION, "Create the schema"])
        return {"applied": [_VERSION]}


def _is_recorded(connection: psycopg.Connection[Any]) -> bool:
    with suppress(psycopg.Error), connection.transaction():
        query = "SELECT FROM schema_migrations WHERE version = %s"
        return connection.execute(query, [_VERSION]).fetchone() is not None
    return False
