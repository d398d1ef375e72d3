"""What changes rows: TRUNCATE, UPDATE, DELETE, MERGE, INSERT, COPY, alone or inside WITH."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import postgast

from pytest_chopsticks.compatibility.reading.context import MovesSequence, NotAnalysed
from pytest_chopsticks.compatibility.reading.naming import relation_name
from pytest_chopsticks.compatibility.reading.rules.calls import called_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.compatibility.reading.context import Context, Remark

_RUNNERS_TABLE = "schema_migrations"


def query(node: Any, context: Context) -> Iterator[Remark]:
    """SELECT, INSERT, UPDATE, DELETE, MERGE: everything in them that changes rows."""
    for _, inner in postgast.walk(node):
        kind = inner.DESCRIPTOR.name
        if kind in _WRITES:
            yield from _of_runner(inner.relation, context)
        if kind in _CHANGES:
            yield from _CHANGES[kind](inner, context)
    yield from called_functions(node, context)


def truncate(node: Any, context: Context) -> Iterator[Remark]:
    for relation in node.relations:
        table = relation_name(relation.range_var)
        what = f"TRUNCATE removes every row of {table}"
        place = relation.range_var.location
        yield from context.claim("truncate", table, what, place, table=table)
        yield from _of_runner(relation.range_var, context)
    if node.restart_seqs:
        yield MovesSequence()
    if node.behavior == postgast.pg_query_pb2.DropBehavior.DROP_CASCADE:
        yield NotAnalysed("which tables TRUNCATE … CASCADE empties as well")


def copy(node: Any, context: Context) -> Iterator[Remark]:
    if node.is_from:
        yield from _of_runner(node.relation, context)
    if node.is_program:
        yield NotAnalysed(f"what the program of COPY does: {node.filename}")
    yield from query(node.query, context)


def _update(node: Any, context: Context) -> Iterator[Remark]:
    if _has_no_condition(node):
        table = relation_name(node.relation)
        columns = ", ".join(target.res_target.name for target in node.target_list)
        what = f"UPDATE without WHERE overwrites {columns} in every row of {table}"
        place = node.relation.location
        yield from context.claim("update-without-where", table, what, place, table=table)


def _delete(node: Any, context: Context) -> Iterator[Remark]:
    if _has_no_condition(node):
        table = relation_name(node.relation)
        what = f"DELETE without WHERE removes every row of {table}"
        place = node.relation.location
        yield from context.claim("delete-without-where", table, what, place, table=table)


def _merge(node: Any, context: Context) -> Iterator[Remark]:
    table = relation_name(node.relation)
    if not context.scope.is_new(table):
        yield NotAnalysed(f"which rows of {table} MERGE changes or deletes")


_CHANGES = {
    "UpdateStmt": _update,
    "DeleteStmt": _delete,
    "MergeStmt": _merge,
}
_WRITES = frozenset({*_CHANGES, "InsertStmt"})


def _has_no_condition(node: Any) -> bool:
    """No WHERE, or one that is a constant such as `true` or `1 = 1`."""
    if not node.HasField("where_clause"):
        return True
    names = {inner.DESCRIPTOR.name for _, inner in postgast.walk(node.where_clause)}
    return names.isdisjoint({"ColumnRef", "SubLink", "CurrentOfExpr", "FuncCall", "ParamRef"})


def _of_runner(relation: Any, context: Context) -> Iterator[Remark]:
    name = relation_name(relation)
    if name.rpartition(".")[2] == _RUNNERS_TABLE:
        what = f"{context.command} on {name}, which only the runner writes"
        yield from context.claim(
            "migrations-table-changed", name, what, relation.location, table=name
        )
