"""What SQL says by itself, without a database.

- `read_sql(text)`: each statement with its claims; what is not understood is said, never passed.
  Texts of one migration are read with one `Scope`.
- `read_program(path)`: the SQL in the string literals of a program that cannot be run.
- `broken_queries(queries, before, after)`: the application's queries that no longer resolve.
- `edit_kind(before, after, suffix)`: whether an edited file changed more than its comments.
"""

from pytest_chopsticks.compatibility.reading.application_queries import (
    BrokenQuery,
    QueryReport,
    UnanalysedQuery,
    broken_queries,
)
from pytest_chopsticks.compatibility.reading.context import Scope
from pytest_chopsticks.compatibility.reading.edits import EditKind, edit_kind
from pytest_chopsticks.compatibility.reading.embedded_sql import EmbeddedSql, read_program
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
    "BrokenQuery",
    "Claim",
    "EditKind",
    "EmbeddedSql",
    "QueryReport",
    "ReadStatement",
    "Scope",
    "SqlReading",
    "SyntaxProblem",
    "UnanalysedQuery",
    "broken_queries",
    "edit_kind",
    "read_program",
    "read_sql",
]
