"""Columns of a query resolved against a schema, by sqlglot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp, parse_one
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

if TYPE_CHECKING:
    from pytest_chopsticks.catalog import Snapshot


class Unresolved(Exception):
    """`by_schema` tells that a name is missing or ambiguous; else sqlglot could not read it."""

    def __init__(self, why: str, *, by_schema: bool) -> None:
        super().__init__(why)
        self.by_schema = by_schema


@dataclass(frozen=True, slots=True)
class Resolved:
    """`text` has every column with its table; None where only an expanded `*` resolves it."""

    text: str | None
    set_operation_problem: str | None


def resolved(query: str, snapshot: Snapshot) -> Resolved:
    """Raises Unresolved."""
    expanded = _qualified(query, snapshot, expand_stars=True)
    try:
        text: str | None = _qualified(query, snapshot, expand_stars=False).sql("postgres")
    except Unresolved:
        text = None
    return Resolved(text, _set_operation_problem(expanded))


def parsed_query(query: str, schema: str) -> exp.Expr:
    """sqlglot's tree, its tables without `schema.`; raises Unresolved."""
    try:
        tree = parse_one(query, dialect="postgres")
    except (SqlglotError, RecursionError) as error:
        raise Unresolved(
            f"sqlglot cannot read it: {_first_line(error)}", by_schema=False
        ) from error
    for table in tree.find_all(exp.Table):
        if table.db == schema:
            table.set("db", None)
    return tree


def _qualified(query: str, snapshot: Snapshot, *, expand_stars: bool) -> exp.Expr:
    tree = parsed_query(query, snapshot.schema)
    try:
        return qualify(
            tree,
            schema=_schema(snapshot),
            dialect="postgres",
            expand_stars=expand_stars,
            quote_identifiers=False,
            identify=False,
        )
    except OptimizeError as error:
        raise Unresolved(_first_line(error), by_schema=True) from error
    except Exception as error:
        # sqlglot fails on what it does not know in many ways, KeyError and AttributeError too.
        why = f"sqlglot cannot resolve it: {_first_line(error)}"
        raise Unresolved(why, by_schema=False) from error


def _schema(snapshot: Snapshot) -> MappingSchema:
    columns: dict[str, object] = {
        name: dict.fromkeys(table.columns, "text") for name, table in snapshot.tables.items()
    }
    return MappingSchema(columns, dialect="postgres", normalize=False)


def _set_operation_problem(tree: exp.Expr) -> str | None:
    """UNION of two `*` breaks when only one of them grows."""
    for operation in tree.find_all(exp.SetOperation):
        left, right = len(operation.left.selects), len(operation.right.selects)
        if left != right:
            verb = operation.key.upper()
            return f"{left} columns on one side of {verb}, {right} on the other"
    return None


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
