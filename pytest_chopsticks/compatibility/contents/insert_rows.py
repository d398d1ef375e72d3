"""The statement that writes many rows of a table, each referring to rows that are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from psycopg import sql

from pytest_chopsticks.catalog.structure import ForeignKey
from pytest_chopsticks.compatibility.contents.numbered_values import numbered
from pytest_chopsticks.compatibility.contents.row_plans import RowPlan

_INSERT = sql.SQL(
    "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} "
    "FROM generate_series({first}::bigint, {last}::bigint) AS s (n){joins}{conflict}"
)
_DEFAULTS = sql.SQL(
    "INSERT INTO {table} SELECT FROM generate_series({first}::bigint, {last}::bigint)"
)
_PARENT = sql.SQL(
    " LEFT JOIN (SELECT row_number() OVER (ORDER BY {there}) AS place, {named} FROM {parent}"
    " WHERE ({there}) IS NOT NULL) AS {alias}"
    " ON {alias}.place = 1 + (s.n + (s.n - 1) / {size} * {turn}) % {size}"
)
_PARENT_THAT_SHARES = sql.SQL(
    " LEFT JOIN LATERAL (SELECT {named} FROM {parent} AS q WHERE {shared}"
    " ORDER BY {there} LIMIT 1) AS {alias} ON true"
)
_SIZE = sql.SQL("greatest(1, (SELECT count(*) FROM {parent}))")


def insert_rows(
    schema: str,
    plan: RowPlan,
    first: int,
    last: int,
    *,
    values: Mapping[str, str],
    follow: Collection[ForeignKey],
    skip_conflicts: bool = True,
) -> str:
    """Insert the rows of these numbers.

    `values` are the expressions by column. The columns of the keys to `follow` are taken from rows
    that are there, and are NULL where there are none.
    """
    table = sql.Identifier(schema, plan.table.name)
    numbers = {"first": sql.Literal(first), "last": sql.Literal(last)}
    if not values:
        return _DEFAULTS.format(table=table, **numbers).as_string(None)
    chosen = {name: numbered(value, "s.n") for name, value in values.items()}
    joins = list(_joins(schema, follow, chosen))
    return _INSERT.format(
        table=table,
        columns=sql.SQL(", ").join(map(sql.Identifier, chosen)),
        values=sql.SQL(", ").join(map(sql.SQL, chosen.values())),
        joins=sql.SQL("").join(joins),
        conflict=sql.SQL(" ON CONFLICT DO NOTHING" if skip_conflicts else ""),
        **numbers,
    ).as_string(None)


def _joins(
    schema: str, follow: Collection[ForeignKey], chosen: dict[str, str]
) -> Iterator[sql.Composable]:
    """Join each key's parent, the widest key first; keys that share a column share its value."""
    taken: dict[str, str] = {}
    widest_first = sorted(follow, key=lambda key: -len(key.columns))
    for turn, key in enumerate(widest_first):
        alias = f"parent_{turn}"
        pairs = list(zip(key.columns, key.referenced_columns, strict=True))
        shared = [(taken[here], there) for here, there in pairs if here in taken]
        if len(shared) == len(pairs):
            continue
        yield _join(schema, key, alias, turn, shared)
        for here, there in pairs:
            if here in chosen and here not in taken:
                taken[here] = sql.Identifier(alias, there).as_string(None)
                chosen[here] = taken[here]


def _join(
    schema: str, key: ForeignKey, alias: str, turn: int, shared: list[tuple[str, str]]
) -> sql.Composable:
    parent = sql.Identifier(schema, key.referenced_table)
    there = sql.SQL(", ").join(map(sql.Identifier, key.referenced_columns))
    parts = {"parent": parent, "there": there, "named": there, "alias": sql.Identifier(alias)}
    if not shared:
        size = _SIZE.format(parent=parent)
        return _PARENT.format(size=size, turn=sql.Literal(turn), **parts)
    equal = (
        sql.SQL("{} = {}").format(sql.Identifier("q", name), sql.SQL(value))
        for value, name in shared
    )
    return _PARENT_THAT_SHARES.format(shared=sql.SQL(" AND ").join(equal), **parts)
