"""How thoroughly a history is judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ApplicationSql:
    """The SQL that the application sends: the files below `root` that match `pattern`."""

    root: Path
    pattern: str


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """`rows` is how many rows each table gets before a migration, `seed` which ones.

    `time_limit` is how many seconds one migration may take, `schema` where the tables are,
    `application` what is sent besides what the schema lets one think of.
    """

    rows: int = 24
    seed: int = 0
    time_limit: float = 60.0
    schema: str = "public"
    application: ApplicationSql | None = None
