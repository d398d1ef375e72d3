"""The table of applied migrations, for histories whose runner makes it before the first file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_chopsticks.compatibility.history_database import HistoryDatabase

if TYPE_CHECKING:
    from pytest_chopsticks.errors import MigrationFileError

RECORDS = "schema_migrations"

_UNDEFINED_TABLE = "42P01"

# Section 5 of the document.
_CREATE = """
CREATE TABLE schema_migrations (
  version           TEXT PRIMARY KEY,
  description       TEXT NOT NULL,
  applied_at        TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  checksum          TEXT NOT NULL,
  execution_time_ms INTEGER
)
"""


def misses_records_table(error: MigrationFileError, at: HistoryDatabase) -> bool:
    """Whether a migration failed because nobody has made the table yet."""
    sqlstate = getattr(error, "sqlstate", None)
    missing = RECORDS not in at.snapshot.tables and f'"{RECORDS}"' in str(error)
    return sqlstate == _UNDEFINED_TABLE and missing


def make_records_table(at: HistoryDatabase) -> None:
    """Make it as a runner would, and keep it."""
    at.connection.execute(_CREATE)
    at.connection.commit()
    at.look_again()
