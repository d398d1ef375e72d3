"""Which queries of the application no longer resolve after a migration, or mean something else.

PostgreSQL's parser says which relations a query names; sqlglot's `qualify` resolves its columns
against both schemas. What the two cannot tell is not analysed, never taken as sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.compatibility.reading.joined_columns import join_problem
from pytest_chopsticks.compatibility.reading.naming import relations_in
from pytest_chopsticks.compatibility.reading.resolution import Unresolved, resolved
from pytest_chopsticks.migrations.postgres_parser import CannotParse, parse_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_chopsticks.catalog import Snapshot


@dataclass(frozen=True, slots=True)
class BrokenQuery:
    """`rule` is `old-query-breaks`; `why` names the column or table."""

    query: str
    why: str


@dataclass(frozen=True, slots=True)
class UnanalysedQuery:
    query: str
    why: str


@dataclass(frozen=True, slots=True)
class QueryReport:
    broken: tuple[BrokenQuery, ...]
    not_analysed: tuple[UnanalysedQuery, ...]


class _NotAnalysed(Exception):
    """Nobody can tell whether the query still works."""


def broken_queries(queries: Iterable[str], before: Snapshot, after: Snapshot) -> QueryReport:
    """Which of `queries`, each one statement that works on `before`, break on `after`.

    A query breaks when a table or column that it names is gone, when a column that it names
    without its table has become ambiguous, and when such a column now belongs to another table.
    That `SELECT *` returns more columns is no break. Of INSERT, UPDATE and DELETE only the tables
    are looked at. Queries on tables that did not change are sound without a further look.
    """
    broken: list[BrokenQuery] = []
    not_analysed: list[UnanalysedQuery] = []
    for query in queries:
        try:
            why = _problem(query, before, after)
        except _NotAnalysed as error:
            not_analysed.append(UnanalysedQuery(query, str(error)))
        else:
            if why is not None:
                broken.append(BrokenQuery(query, why))
    return QueryReport(tuple(broken), tuple(not_analysed))


def _problem(query: str, before: Snapshot, after: Snapshot) -> str | None:
    kind, names = _parsed(query, before.schema)
    for name in sorted(names):
        if name in before.tables and name not in after.tables:
            return f"table {name} is gone"
    changed = {name for name in names if before.tables.get(name) != after.tables.get(name)}
    foreign = sorted(name for name in names if name not in before.tables)
    if foreign:
        raise _NotAnalysed(f"{', '.join(foreign)} is not in schema {before.schema}")
    if not changed:
        return None
    if kind != "select_stmt":
        raise _NotAnalysed(f"the columns of {_VERBS.get(kind, 'a statement that is no query')}")
    return _difference(query, before, after)


_VERBS = {
    "insert_stmt": "an INSERT",
    "update_stmt": "an UPDATE",
    "delete_stmt": "a DELETE",
    "merge_stmt": "a MERGE",
}


def _parsed(query: str, schema: str) -> tuple[str, frozenset[str]]:
    """The kind of statement, and the relations it names, without the snapshot's own schema."""
    try:
        statements = parse_sql(query).statements
    except CannotParse as error:
        raise _NotAnalysed(error.message) from error
    if len(statements) != 1:
        raise _NotAnalysed(f"{len(statements)} statements where one was expected")
    node = statements[0].node
    names = (name.removeprefix(f"{schema}.") for name in relations_in(node))
    return str(node.WhichOneof("node")), frozenset(names)


def _difference(query: str, before: Snapshot, after: Snapshot) -> str | None:
    try:
        was = resolved(query, before)
    except Unresolved as error:
        raise _NotAnalysed(f"not resolved on the schema before: {error}") from error
    try:
        now = resolved(query, after)
    except Unresolved as error:
        if not error.by_schema:
            raise _NotAnalysed(str(error)) from error
        return str(error)
    problem = join_problem(query, before, after) or now.set_operation_problem
    if problem is not None:
        return problem
    if was.text is not None and now.text is not None and was.text != now.text:
        return f"it now means {now.text}"
    return None
