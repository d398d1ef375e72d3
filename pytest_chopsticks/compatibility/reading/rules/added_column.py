"""ADD COLUMN: what its type, its default and its constraints do to old INSERTs and to locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import postgast
from postgast.pg_query_pb2 import ConstrType

from pytest_chopsticks.compatibility.reading.functions import is_volatile
from pytest_chopsticks.compatibility.reading.naming import function_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.compatibility.reading.context import Context, Remark

_SERIAL = frozenset({"serial", "serial2", "serial4", "serial8", "bigserial", "smallserial"})
_VALUES = frozenset({"CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"})
_NOT_NULL = frozenset({"CONSTR_NOTNULL", "CONSTR_PRIMARY"})


def added_column(table: str, definition: Any, context: Context) -> Iterator[Remark]:
    new = _NewColumn(table, definition)
    yield from _left_out(new, context)
    yield from _rewrite(new, context)
    yield from _built_indexes(new, context)
    if "CONSTR_CHECK" in new.given or {"CONSTR_FOREIGN", "CONSTR_DEFAULT"} <= set(new.given):
        what = f"the constraint on the new {new.column} is checked against every row of {table}"
        yield from context.claim("scan-under-lock", table, what, table=table)


class _NewColumn:
    """`given` are its constraints by kind; a default counts as one, as the grammar has it."""

    def __init__(self, table: str, definition: Any) -> None:
        constraints = (one.constraint for one in definition.constraints)
        types = [name.string.sval for name in definition.type_name.names]
        self.table = table
        self.column = f"{table}.{definition.colname}"
        self.given = {ConstrType.Name(one.contype): one for one in constraints}
        self.serial = bool(types) and types[-1] in _SERIAL


def _left_out(new: _NewColumn, context: Context) -> Iterator[Remark]:
    has_value = new.serial or not _VALUES.isdisjoint(new.given)
    if not has_value and not _NOT_NULL.isdisjoint(new.given):
        what = f"new column {new.column} is NOT NULL without a default: old INSERTs fail"
        yield from context.claim("column-added", new.column, what, table=new.table)


def _rewrite(new: _NewColumn, context: Context) -> Iterator[Remark]:
    given = new.given
    why = None
    if new.serial or "CONSTR_IDENTITY" in given:
        why = "every row gets a number of its own"
    elif "CONSTR_GENERATED" in given and given["CONSTR_GENERATED"].generated_kind != "v":
        why = "its values are computed and stored"
    elif "CONSTR_DEFAULT" in given:
        called = _volatile(given["CONSTR_DEFAULT"].raw_expr)
        why = f"its default calls {called}(), which is not known to be stable" if called else None
    if why:
        what = f"new column {new.column} rewrites {new.table}: {why}"
        yield from context.claim("rewrite", new.table, what, table=new.table)


def _built_indexes(new: _NewColumn, context: Context) -> Iterator[Remark]:
    table, column = new.table, new.column
    for kind in ("CONSTR_UNIQUE", "CONSTR_PRIMARY"):
        if kind not in new.given:
            continue
        what = f"the index of the new {column} is built while nothing can use {table}"
        yield from context.claim("index-not-concurrent", table, what, table=table)
        if kind == "CONSTR_PRIMARY":
            what = f"new primary key of {table}: {column}"
            yield from context.claim("primary-key-added", table, what, table=table)


def _volatile(expression: Any) -> str | None:
    names = (
        function_name(node)
        for _, node in postgast.walk(expression)
        if node.DESCRIPTOR.name == "FuncCall"
    )
    return next((name for name in names if is_volatile(name)), None)
