"""What is in the tables: rows that honour every constraint, and what became of their values.

`populate` fills a database before a migration, and `insert_mentioned_rows` adds what that looks
for. `digest` is taken before it and, with `like=` and the new snapshot, after it; `losses` compares
the two. `plan_rows` and `attempt_all` are what the statements of the previous version are made
with, see `old_clients`.
"""

from pytest_chopsticks.compatibility.contents.digest import Digest, TableDigest, digest
from pytest_chopsticks.compatibility.contents.losses import Loss, LossKind, losses
from pytest_chopsticks.compatibility.contents.mentioned_rows import (
    Mentioned,
    insert_mentioned_rows,
)
from pytest_chopsticks.compatibility.contents.populate import Population, Unfilled, populate

__all__ = [
    "Digest",
    "Loss",
    "LossKind",
    "Mentioned",
    "Population",
    "TableDigest",
    "Unfilled",
    "digest",
    "insert_mentioned_rows",
    "losses",
    "populate",
]
