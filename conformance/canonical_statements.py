"""The statements that an application of version 1.0.0 sends, derived from the canonical schema."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from psycopg import sql

from pytest_chopsticks.compatibility.old_clients import statement_shapes as shapes

from .canonical_rows import Row, canonical_row
from .canonical_schema import Column, Index, Table

#: What `visible_row` calls the time of the transaction.
NOW = "the server's time"

_EXPLICIT_ID = 1_000_000


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its parameters; `key` finds the row it wrote, to see what is visible.

    What one that `reads` answers depends on the rows that an implementation begins with. `besides`
    is a row that has to be there too.
    """

    title: str
    query: sql.Composed
    parameters: Mapping[str, Any]
    key: Mapping[str, Any] | None = None
    reads: bool = False
    besides: Statement | None = None


def statements(table: Table) -> Iterator[Statement]:
    """Yield every statement; those that change a row change that of number 1, which is there."""
    yield from _inserts(table)
    yield from _upserts(table)
    if not table.immutable:
        yield from _updates(table)
        yield _delete(table)
    yield from _on_several_rows(table)
    for index in table.indexes:
        yield _served(table, index)


def insert(table: Table, row: Row) -> Statement:
    """An insert that names exactly the columns of the row."""
    return Statement("an insert", _insert(table.name, row), row, _key(table, row))


def visible_row(
    table: Table, key: Mapping[str, Any], without: Collection[str] = ()
) -> tuple[sql.Composed, Mapping[str, Any]]:
    """The query that shows the server's time, then a row's columns of the document but a serial."""
    names = (c.name for c in table.columns if not c.serial and c.name not in without)
    shown = sql.SQL("now() AS {}, {}").format(sql.Identifier(NOW), shapes.names(names))
    return shapes.select(sql.Identifier(table.name), shown, _where(key)), key


def _inserts(table: Table) -> Iterator[Statement]:
    whole = canonical_row(table, 2)
    required = {column.name: whole[column.name] for column in table.columns if column.required}
    nulls = {name: None if table.column(name).nullable else value for name, value in whole.items()}
    edges = canonical_row(table, 0)
    for title, row in (
        ("an insert that names every column", whole),
        ("an insert that names only the required columns", required),
        ("an insert with NULL where NULL may be", nulls),
        ("an insert of values at the edges", edges),
    ):
        yield Statement(title, _insert(table.name, row), row, _key(table, {**whole, **row}))
    yield from _inserts_of_a_like(table)
    if _serial(table):
        row = {"id": _EXPLICIT_ID, **whole}
        yield Statement(
            "an insert that gives the id", _insert(table.name, row), row, {"id": row["id"]}
        )
        returning = sql.SQL("{} RETURNING id IS NOT NULL").format(_insert(table.name, whole))
        yield Statement("an insert that returns the id", returning, whole)


def _inserts_of_a_like(table: Table) -> Iterator[Statement]:
    """Rows that have all in common with row number 1 but one column of each key."""
    like, whole = canonical_row(table, 1), canonical_row(table, 2)
    keys = [key for key in table.keys if not table.column(key[0]).serial]
    for differing in dict.fromkeys(product(*keys)):
        row = {**like, **{name: whole[name] for name in differing}}
        what = f"another {' and '.join(differing)}" if differing else "the same values"
        yield Statement(
            f"an insert of a row with {what}", _insert(table.name, row), row, _key(table, row)
        )


def _upserts(table: Table) -> Iterator[Statement]:
    for key in table.keys:
        if table.column(key[0]).serial:
            continue
        columns = ", ".join(key)
        for number, there in ((1, "a row that is there"), (2, "a new row")):
            row = canonical_row(table, number)
            yield Statement(
                f"an insert of {there} ON CONFLICT ({columns}) DO NOTHING",
                shapes.on_conflict(_insert(table.name, row), key, shapes.DO_NOTHING),
                row,
                _key(table, row),
            )
            if not table.immutable:
                yield Statement(
                    f"an upsert of {there} ON CONFLICT ({columns}) DO UPDATE",
                    shapes.on_conflict(_insert(table.name, row), key, _do_update(table, key)),
                    row,
                    _key(table, row),
                )


def _updates(table: Table) -> Iterator[Statement]:
    row, other = canonical_row(table, 1), canonical_row(table, 3)
    key = _key(table, row)
    for column in table.columns:
        if column.serial:
            continue
        parameters = {f"new_{column.name}": other[column.name], **key}
        value = sql.Placeholder(f"new_{column.name}")
        query = shapes.update(sql.Identifier(table.name), column.name, value, _where(key))
        after = {**row, column.name: other[column.name]}
        yield Statement(f"an update of {column.name}", query, parameters, _key(table, after))


def _delete(table: Table) -> Statement:
    key = _key(table, canonical_row(table, 1))
    return Statement("a delete", shapes.delete(sql.Identifier(table.name), _where(key)), key, key)


def _on_several_rows(table: Table) -> Iterator[Statement]:
    """A bulk insert, and the update and the delete of a condition that two rows meet."""
    second, third, fourth = (canonical_row(table, number) for number in (2, 3, 4))
    more = {f"{name} of another": value for name, value in fourth.items()}
    values = [_placeholders(second), {n: sql.Placeholder(f"{n} of another") for n in fourth}]
    query = shapes.insert_several(sql.Identifier(table.name), values)
    yield Statement("an insert of two rows", query, {**second, **more}, _key(table, fourth))
    if table.immutable:
        return
    key, other = _key(table, canonical_row(table, 1)), _key(table, second)
    either = sql.SQL("({}) OR ({})").format(
        _where(key), shapes.equal({name: sql.Placeholder(f"other {name}") for name in other})
    )
    parameters = {**key, **{f"other {name}": value for name, value in other.items()}}
    column = next(c.name for c in reversed(table.columns) if c.name not in _in_keys(table))
    query = shapes.update(sql.Identifier(table.name), column, sql.Placeholder("new value"), either)
    yield Statement(
        f"an update of {column} in two rows",
        query,
        {**parameters, "new value": third[column]},
        key,
        besides=insert(table, second),
    )
    yield Statement(
        "a delete of two rows",
        shapes.delete(sql.Identifier(table.name), either),
        parameters,
        key,
        besides=insert(table, second),
    )


def _in_keys(table: Table) -> set[str]:
    """What finds rows, or tells them apart."""
    return {name for key in table.keys for name in key} | set(_key(table, canonical_row(table, 1)))


def _served(table: Table, index: Index) -> Statement:
    row = canonical_row(table, 1)
    query = sql.SQL(index.serves.replace("%s", "%(value)s")).format()
    title = f"the query that the index on {', '.join(index.columns)} serves"
    return Statement(title, query, {"value": row[index.columns[0]]}, reads=True)


def _insert(table: str, row: Row) -> sql.Composed:
    return shapes.insert(sql.Identifier(table), _placeholders(row))


def _do_update(table: Table, key: Collection[str]) -> sql.Composed:
    """Set every column that is no part of the key; a table of keys alone sets the key to itself."""
    names = [c.name for c in table.columns if not c.serial and c.name not in key]
    return shapes.do_update(names or key)


def _where(key: Mapping[str, Any]) -> sql.Composed:
    return shapes.equal(_placeholders(key))


def _placeholders(row: Mapping[str, Any]) -> dict[str, sql.Placeholder]:
    return {name: sql.Placeholder(name) for name in row}


def _key(table: Table, row: Row) -> dict[str, Any]:
    """What finds the row again: a natural key, or, where the only key is a serial, its values."""
    for key in table.keys:
        if not table.column(key[0]).serial:
            return {name: row[name] for name in key}
    natural = [c.name for c in table.columns if c.required and c.type == "text"]
    return {name: row[name] for name in natural}


def _serial(table: Table) -> Column | None:
    return next((column for column in table.columns if column.serial), None)
