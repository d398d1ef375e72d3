"""The statements that applications write, from names and the SQL of values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from psycopg import sql

#: The SQL of values by column: placeholders, or constants.
Values = Mapping[str, sql.Composable]


def insert(table: sql.Identifier, row: Values, overriding: bool = False) -> sql.Composed:
    """An insert that names exactly the columns of the row."""
    if not row:
        return sql.SQL("INSERT INTO {} DEFAULT VALUES").format(table)
    return sql.SQL("INSERT INTO {} ({}) {}VALUES ({})").format(
        table,
        names(row),
        sql.SQL("OVERRIDING SYSTEM VALUE " if overriding else ""),
        sql.SQL(", ").join(row.values()),
    )


def insert_several(table: sql.Identifier, rows: Sequence[Values]) -> sql.Composed:
    """An insert of rows that have the same columns."""
    return sql.SQL("INSERT INTO {} ({}) VALUES {}").format(
        table,
        names(rows[0]),
        sql.SQL(", ").join(
            sql.SQL("({})").format(sql.SQL(", ").join(row.values())) for row in rows
        ),
    )


def on_conflict(
    inserted: sql.Composable, key: Iterable[str], action: sql.Composable
) -> sql.Composed:
    return sql.SQL("{} ON CONFLICT ({}) {}").format(inserted, names(key), action)


DO_NOTHING = sql.SQL("DO NOTHING")


def do_update(columns: Iterable[str]) -> sql.Composed:
    changes = (sql.SQL("{0} = EXCLUDED.{0}").format(_identifier(name)) for name in columns)
    return sql.SQL("DO UPDATE SET {}").format(sql.SQL(", ").join(changes))


def update(
    table: sql.Identifier, column: str, value: sql.Composable, where: sql.Composable
) -> sql.Composed:
    return sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(
        table, _identifier(column), value, where
    )


def delete(table: sql.Identifier, where: sql.Composable) -> sql.Composed:
    return sql.SQL("DELETE FROM {} WHERE {}").format(table, where)


def select(
    table: sql.Composable,
    columns: sql.Composable,
    where: sql.Composable,
    order_by: Sequence[sql.Composable] = (),
) -> sql.Composed:
    query = sql.SQL("SELECT {} FROM {} WHERE {}").format(columns, table, where)
    if order_by:
        query += sql.SQL(" ORDER BY {}").format(sql.SQL(", ").join(order_by))
    return query


def equal(row: Values, qualifier: str | None = None) -> sql.Composed:
    """A condition that finds the row."""
    qualified = (qualifier,) if qualifier else ()
    parts = (
        sql.SQL("{} = {}").format(_identifier(*qualified, name), value)
        for name, value in row.items()
    )
    return sql.SQL(" AND ").join(parts)


def names(columns: Iterable[str]) -> sql.SQL:
    return _names(tuple(columns))


@lru_cache(4096)
def _identifier(*parts: str) -> sql.SQL:
    return sql.SQL(sql.Identifier(*parts).as_string(None))


@lru_cache(4096)
def _names(columns: tuple[str, ...]) -> sql.SQL:
    """Spelled once: an application's statements name the same columns over and over."""
    text = sql.SQL(", ").join(map(sql.Identifier, columns)).as_string(None)
    return sql.SQL(text)
