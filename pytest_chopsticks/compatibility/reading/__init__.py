"""What SQL says by itself, without a database.

- `read_sql(text)`: each statement with its claims; what is not understood is said, never passed.
"""

from pytest_chopsticks.compatibility.reading.reader import read_sql
from pytest_chopsticks.compatibility.reading.rules.slugs import OWN_RULES
from pytest_chopsticks.compatibility.reading.sql_reading import (
    Claim,
    ReadStatement,
    SqlReading,
    SyntaxProblem,
)

__all__ = [
    "OWN_RULES",
    "Claim",
    "ReadStatement",
    "SqlReading",
    "SyntaxProblem",
    "read_sql",
]
