"""ADD CONSTRAINT, in each of its kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postgast.pg_query_pb2 import ConstrType

from pytest_chopsticks.compatibility.reading.context import NotAnalysed
from pytest_chopsticks.compatibility.reading.naming import relation_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_chopsticks.compatibility.reading.context import Context, Remark


def added_constraint(table: str, constraint: Any, context: Context) -> Iterator[Remark]:
    kind = ConstrType.Name(constraint.contype)
    rule = _KINDS.get(kind)
    if rule is None:
        yield NotAnalysed(f"{kind} on {table} is no known kind of constraint")
    else:
        yield from rule(table, constraint, context)


def _check(table: str, constraint: Any, context: Context) -> Iterator[Remark]:
    if constraint.is_enforced:
        what = f"new CHECK {_named(constraint)}on {table}: old writes that violate it are refused"
        yield from context.claim("check-added", table, what, table=table)
        yield from _scan(table, constraint, context, "CHECK")


def _foreign_key(table: str, constraint: Any, context: Context) -> Iterator[Remark]:
    if constraint.is_enforced:
        there = relation_name(constraint.pktable)
        what = (
            f"new foreign key {_named(constraint)}from {table} to {there}: old writes of {table} "
            f"without a row in {there}, and old deletes there, are refused"
        )
        yield from context.claim("foreign-key-added", table, what, table=table)
        yield from _scan(table, constraint, context, "a foreign key")


def _scan(table: str, constraint: Any, context: Context, noun: str) -> Iterator[Remark]:
    if not constraint.skip_validation:
        what = f"adding {noun} without NOT VALID reads all of {table} while writers wait"
        yield from context.claim("scan-under-lock", table, what, table=table)


def _unique(table: str, constraint: Any, context: Context) -> Iterator[Remark]:
    what = f"new UNIQUE {_named(constraint)}on {table}: old writes of duplicates are refused"
    yield from context.claim("unique-added", table, what, table=table)
    yield from _built_index(table, constraint, context)
    yield from _deferrable(table, constraint, context)


def _primary_key(table: str, constraint: Any, context: Context) -> Iterator[Remark]:
    what = f"new primary key of {table}: old writes of duplicates and of NULL are refused"
    yield from context.claim("primary-key-added", table, what, table=table)
    yield from _built_index(table, constraint, context)
    yield from _deferrable(table, constraint, context)


def _exclusion(table: str, constraint: Any, context: Context) -> Iterator[Remark]:
    what = f"new EXCLUDE {_named(constraint)}on {table}: old writes that overlap are refused"
    yield from context.claim("exclusion-added", table, what, table=table)
    yield from _built_index(table, constraint, context)


def _not_null(table: str, constraint: Any, context: Context) -> Iterator[Remark]:
    """A constraint of the table since PostgreSQL 18."""
    for key in constraint.keys:
        column = f"{table}.{key.string.sval}"
        what = f"{column} refuses NULL: old writers may send it"
        yield from context.claim("nullability-tightened", column, what, table=table)
    yield from _scan(table, constraint, context, "NOT NULL")


def _built_index(table: str, constraint: Any, context: Context) -> Iterator[Remark]:
    if not constraint.indexname:
        what = (
            f"its index is built while nothing can write to {table}: "
            "CREATE UNIQUE INDEX CONCURRENTLY first, then ADD CONSTRAINT … USING INDEX"
        )
        yield from context.claim("index-not-concurrent", table, what, table=table)


def _deferrable(table: str, constraint: Any, context: Context) -> Iterator[Remark]:
    if constraint.deferrable or constraint.initdeferred:
        what = f"{_named(constraint)}on {table} is deferrable: old ON CONFLICT on it fails"
        yield from context.claim("deferrable-uniqueness", table, what, table=table)


def _named(constraint: Any) -> str:
    return f"{constraint.conname} " if constraint.conname else ""


_KINDS: dict[str, Callable[[str, Any, Context], Iterator[Remark]]] = {
    "CONSTR_CHECK": _check,
    "CONSTR_FOREIGN": _foreign_key,
    "CONSTR_UNIQUE": _unique,
    "CONSTR_PRIMARY": _primary_key,
    "CONSTR_EXCLUSION": _exclusion,
    "CONSTR_NOTNULL": _not_null,
}
