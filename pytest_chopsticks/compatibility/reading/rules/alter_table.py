"""ALTER TABLE, and its like for views, indexes, sequences, composite types: every subcommand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from postgast.pg_query_pb2 import AlterTableType, DropBehavior, ObjectType

from pytest_chopsticks.compatibility.reading.clauses import clause_starts
from pytest_chopsticks.compatibility.reading.context import Context, MovesSequence, NotAnalysed
from pytest_chopsticks.compatibility.reading.naming import relation_name
from pytest_chopsticks.compatibility.reading.rules.added_column import added_column
from pytest_chopsticks.compatibility.reading.rules.constraints import added_constraint
from pytest_chopsticks.compatibility.reading.rules.table_subcommands import HARMLESS, SIMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_chopsticks.compatibility.reading.context import Remark


_OF_SEQUENCES = frozenset({"AT_AddIdentity", "AT_SetIdentity"})


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One action of an ALTER TABLE, and the context with its place."""

    table: str
    command: Any
    context: Context

    @property
    def column(self) -> str:
        return f"{self.table}.{self.command.name}"

    def claim(self, rule: str, subject: str, message: str) -> Iterator[Remark]:
        return self.context.claim(rule, subject, message, table=self.table)


def alter_table(node: Any, context: Context) -> Iterator[Remark]:
    table = relation_name(node.relation)
    starts = clause_starts(context, node.relation.location, len(node.cmds))
    for command, start in zip(node.cmds, starts, strict=True):
        inner = command.alter_table_cmd
        one = Subcommand(table, inner, replace(context, start=start))
        if node.objtype == ObjectType.OBJECT_TYPE:
            yield from _of_composite_type(one)
        else:
            yield from _subcommand(one)


def _of_composite_type(one: Subcommand) -> Iterator[Remark]:
    what = f"composite type {one.table} is altered: old statements read and write its old shape"
    yield from one.claim("type-changed", one.table, what)


def _subcommand(one: Subcommand) -> Iterator[Remark]:
    kind = AlterTableType.Name(one.command.subtype)
    if one.command.behavior == DropBehavior.DROP_CASCADE:
        yield NotAnalysed(f"what CASCADE drops together with {one.column}")
    if kind in _OF_SEQUENCES:
        yield MovesSequence()
    if kind in SIMPLE:
        for rule, of_column, message in SIMPLE[kind]:
            subject = one.column if of_column else one.table
            yield from one.claim(
                rule, subject, message.format(subject=subject, name=one.command.name)
            )
    elif kind in _FURTHER:
        yield from _FURTHER[kind](one)
    elif kind not in HARMLESS:
        yield NotAnalysed(f"{kind.removeprefix('AT_')} of {one.table} is no known subcommand")


def _add_column(one: Subcommand) -> Iterator[Remark]:
    yield from added_column(one.table, getattr(one.command, "def").column_def, one.context)


def _default(one: Subcommand) -> Iterator[Remark]:
    """Without an expression it is DROP DEFAULT."""
    if one.command.HasField("def"):
        what = f"new default of {one.column}: rows of old INSERTs get another value"
        yield from one.claim("default-changed", one.column, what)
    else:
        what = f"default of {one.column} is dropped: old INSERTs that leave it out get NULL"
        yield from one.claim("default-removed", one.column, what)


def _type(one: Subcommand) -> Iterator[Remark]:
    definition = getattr(one.command, "def").column_def
    what = f"type of {one.column} changes: old values and old parameters may no longer fit"
    yield from one.claim("column-type-changed", one.column, what)
    may = f"another type of {one.column} rewrites {one.table}, unless the bytes stay the same"
    yield from one.claim("rewrite", one.table, may)
    if definition.HasField("coll_clause"):
        what = f"collation of {one.column} changes: order and equality of old queries with it"
        yield from one.claim("collation-changed", one.column, what)


def _add_constraint(one: Subcommand) -> Iterator[Remark]:
    yield from added_constraint(one.table, getattr(one.command, "def").constraint, one.context)


def _partition(one: Subcommand) -> Iterator[Remark]:
    partition = relation_name(getattr(one.command, "def").partition_cmd.name)
    what = f"{partition} becomes a partition of {one.table}: rows that do not fit are refused"
    yield from one.context.claim("partitioning-changed", partition, what, table=partition)
    scan = f"attaching {partition} reads it all, unless a CHECK proves its rows fit"
    yield from one.context.claim("scan-under-lock", partition, scan, table=partition)


def _detach(one: Subcommand) -> Iterator[Remark]:
    partition = relation_name(getattr(one.command, "def").partition_cmd.name)
    what = f"{partition} ceases to be a partition: old queries on {one.table} lose its rows"
    yield from one.claim("partitioning-changed", partition, what)


_FURTHER: dict[str, Callable[[Subcommand], Iterator[Remark]]] = {
    "AT_AddColumn": _add_column,
    "AT_ColumnDefault": _default,
    "AT_AlterColumnType": _type,
    "AT_AddConstraint": _add_constraint,
    "AT_AttachPartition": _partition,
    "AT_DetachPartition": _detach,
}
