"""How thoroughly a history is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_chopsticks.compatibility.old_clients import OldStatement


@dataclass(frozen=True, slots=True)
class JudgeOptions:
    """`rows` is how many rows each table gets before a migration, `seed` which ones.

    `time_limit` is how many seconds one migration may take, `schema` where the tables are,
    `statements` what the application sends besides what its schema lets one think of.
    """

    rows: int = 24
    seed: int = 0
    time_limit: float = 60.0
    schema: str = "public"
    statements: Sequence[OldStatement] = ()
