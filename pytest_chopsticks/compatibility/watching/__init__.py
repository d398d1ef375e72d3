"""What a migration does to a real database, statement by statement."""

from pytest_chopsticks.compatibility.watching.ddl_events import DdlEvent, install_ddl_events
from pytest_chopsticks.compatibility.watching.lock_modes import (
    blocks_readers,
    blocks_writers,
    stronger,
    touches,
)
from pytest_chopsticks.compatibility.watching.old_transactions import (
    OldTransactions,
    old_transactions,
)
from pytest_chopsticks.compatibility.watching.statement_watch import StatementWatch
from pytest_chopsticks.compatibility.watching.watched import WatchedStatement

__all__ = [
    "DdlEvent",
    "OldTransactions",
    "StatementWatch",
    "WatchedStatement",
    "blocks_readers",
    "blocks_writers",
    "install_ddl_events",
    "old_transactions",
    "stronger",
    "touches",
]
