"""Indexes, explicit locks and maintenance: what makes old statements wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_chopsticks.compatibility.reading.naming import relation_name
from pytest_chopsticks.compatibility.reading.options import is_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.compatibility.reading.context import Context, Remark

#: The numbers of the lock modes in the server, in its order of strength.
_LOCK_MODES = (
    "",
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
_BLOCKS_WRITERS = 5


def create_index(node: Any, context: Context) -> Iterator[Remark]:
    table = relation_name(node.relation)
    place = node.relation.location
    if node.unique:
        what = f"new unique index on {table}: old writes of duplicates are refused"
        yield from context.claim("index-added", table, what, place, table=table)
    if not node.concurrent:
        what = f"CREATE INDEX on {table} without CONCURRENTLY: nothing can write to it meanwhile"
        yield from context.claim("index-not-concurrent", table, what, place, table=table)
    elif context.scope.in_block:
        yield from _concurrently_in_block(table, context)


def _concurrently_in_block(subject: str, context: Context) -> Iterator[Remark]:
    what = f"{context.command} CONCURRENTLY after BEGIN is refused by the server"
    yield from context.claim("concurrently-in-block", subject, what)


def reindex(node: Any, context: Context) -> Iterator[Remark]:
    subject = relation_name(node.relation) or node.name or "the database"
    if not is_on(node.params, "concurrently"):
        what = f"REINDEX of {subject} without CONCURRENTLY: nothing can write to it meanwhile"
        yield from context.claim("index-not-concurrent", subject, what, table=subject)
    elif context.scope.in_block:
        yield from _concurrently_in_block(subject, context)


def cluster(node: Any, context: Context) -> Iterator[Remark]:
    table = relation_name(node.relation) or "every clustered table"
    what = f"CLUSTER writes {table} anew under an ACCESS EXCLUSIVE lock"
    yield from context.claim("rewrite", table, what, node.relation.location, table=table)


def vacuum(node: Any, context: Context) -> Iterator[Remark]:
    if not node.is_vacuumcmd or not is_on(node.options, "full"):
        return
    tables = [relation_name(one.vacuum_relation.relation) for one in node.rels]
    for table in tables or ["every table"]:
        what = f"VACUUM FULL writes {table} anew under an ACCESS EXCLUSIVE lock"
        yield from context.claim("rewrite", table, what, table=table)


def refresh(node: Any, context: Context) -> Iterator[Remark]:
    view = relation_name(node.relation)
    if not node.concurrent:
        what = f"REFRESH of {view} without CONCURRENTLY: nothing can read it meanwhile"
        place = node.relation.location
        yield from context.claim("exclusive-lock-kept", view, what, place, table=view)


def lock(node: Any, context: Context) -> Iterator[Remark]:
    if node.mode < _BLOCKS_WRITERS:
        return
    mode = _LOCK_MODES[node.mode]
    for relation in node.relations:
        table = relation_name(relation.range_var)
        what = f"LOCK TABLE {table} IN {mode} MODE: nothing can write to it until the end"
        place = relation.range_var.location
        yield from context.claim("exclusive-lock-kept", table, what, place, table=table)
