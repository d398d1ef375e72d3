"""What clients of the previous version send, and whether they still get what they got.

`corpus` makes statements from a schema, `user_statements` reads the application's own. `replay`
runs them, before a migration and after it, on the same data; `breaks` compares the outcomes.
"""

from pytest_chopsticks.compatibility.old_clients.breaks import Break, BreakKind, breaks
from pytest_chopsticks.compatibility.old_clients.corpus import corpus
from pytest_chopsticks.compatibility.old_clients.old_statement import OldStatement, StatementKind
from pytest_chopsticks.compatibility.old_clients.outcomes import Outcome, Outcomes
from pytest_chopsticks.compatibility.old_clients.replay import attempt_of, replay
from pytest_chopsticks.compatibility.old_clients.user_statements import (
    NotRun,
    UserStatements,
    user_statements,
)

__all__ = [
    "Break",
    "BreakKind",
    "NotRun",
    "OldStatement",
    "Outcome",
    "Outcomes",
    "StatementKind",
    "UserStatements",
    "attempt_of",
    "breaks",
    "corpus",
    "replay",
    "user_statements",
]
