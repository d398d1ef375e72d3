"""What the rows of tables hold, in a form that can be compared after a migration."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog.structure import Snapshot, Table
from pytest_chopsticks.compatibility.contents.attempts import (
    Attempt,
    attempt_all,
    pin_settings,
)
from pytest_chopsticks.compatibility.contents.canonical_values import canonical_value
from pytest_chopsticks.compatibility.contents.numbered_values import value_type
from pytest_chopsticks.compatibility.contents.row_plans import fillable

#: Tables with more rows are compared by sums of hashes, in so many parts.
_MOST_ROWS = 2_000
_PARTS = 1_024

Key = tuple[str | None, ...]
Values = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class HashedColumn:
    """A large table's column: how many values are not NULL, and a sum of hashes for each part.

    A part is made of the rows whose keys' hashes share their last bits.
    """

    present: int
    sums: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableDigest:
    """One table. Either `rows` has every row's values by key, or `hashed` has its columns.

    `hashed_keys` then tells whether the rows of a part are still the same ones.

    `key` names the columns by which rows are found again; where there are none, equal rows are
    numbered, and a changed row is one that is gone. `unreadable` says why nothing is known.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    count: int
    rows: Mapping[Key, Values] | None
    hashed: Mapping[str, HashedColumn] | None
    hashed_keys: HashedColumn | None = None
    unreadable: str | None = None


#: The tables by name.
Digest = Mapping[str, TableDigest]


def digest(
    connection: psycopg.Connection[Any],
    snapshot: Snapshot,
    tables: Collection[str] | None = None,
    *,
    like: Digest | None = None,
) -> Digest:
    """Take the digests of the tables, all where None, as the snapshot's columns say.

    They do not depend on the order of rows, and are equal for values that a widening cast keeps.
    After a migration, give the digest from before it as `like`, and the new snapshot: its keys,
    and its way with large tables, are used again. Tables and columns that are new are taken too,
    to tell what was renamed. Three round trips, in a savepoint that is rolled back.
    """
    names = fillable(snapshot, tables)
    # What was a table may have become a partition, or a view of its new name.
    names += [name for name in like or () if name in snapshot.tables and name not in names]
    with connection.transaction(force_rollback=True):
        pin_settings(connection)
        plans = [_plan(snapshot.tables[name], snapshot, like) for name in names]
        unreadable = _unreadable(connection, snapshot.schema, plans)
        plans = [plan for plan in plans if plan.table.name not in unreadable]
        large = _large(connection, snapshot.schema, plans, like)
        small = [plan for plan in plans if plan.table.name not in large]
        found = _rows(connection, snapshot.schema, small)
        for plan in plans:
            if plan.table.name in large:
                found[plan.table.name] = _hashed(connection, snapshot.schema, plan)
    return found | unreadable


def _unreadable(
    connection: psycopg.Connection[Any], schema: str, plans: Sequence[_Plan]
) -> dict[str, TableDigest]:
    """The tables that the role may not read, or whose definition fails when it is read."""
    attempts = [
        Attempt(
            sql.SQL("SELECT {} FROM {} LIMIT 1")
            .format(
                sql.SQL(", ").join(map(sql.SQL, plan.texts.values())),
                sql.Identifier(schema, plan.table.name),
            )
            .as_string(None)
        )
        for plan in plans
    ]
    return {
        plan.table.name: TableDigest(
            plan.table.name, plan.key, tuple(plan.texts), 0, None, None, None, answer.message
        )
        for plan, answer in zip(plans, attempt_all(connection, attempts), strict=True)
        if answer.sqlstate is not None
    }


@dataclass(frozen=True, slots=True)
class _Plan:
    """A table, its key, and the SQL of each column's canonical text."""

    table: Table
    key: tuple[str, ...]
    texts: Mapping[str, str]


def _plan(table: Table, snapshot: Snapshot, like: Digest | None) -> _Plan:
    texts = {
        name: canonical_value(_quoted(name), value_type(column, snapshot))
        for name, column in table.columns.items()
    }
    earlier = (like or {}).get(table.name)
    if earlier is not None and set(earlier.key) <= texts.keys():
        return _Plan(table, earlier.key, texts)
    return _Plan(table, _key(table) if earlier is None else (), texts)


def _key(table: Table) -> tuple[str, ...]:
    """The primary key, or a unique constraint on columns that are never NULL."""
    if table.primary_key is not None:
        return table.primary_key.columns
    for constraint in table.unique_constraints:
        if not any(table.columns[name].nullable for name in constraint.columns):
            return constraint.columns
    return ()


def _large(
    connection: psycopg.Connection[Any],
    schema: str,
    plans: Sequence[_Plan],
    like: Digest | None,
) -> set[str]:
    """The tables to be hashed: those that were, else those with many rows."""
    earlier = like or {}
    large = {name for name, there in earlier.items() if there.hashed is not None}
    unknown = [plan.table.name for plan in plans if plan.table.name not in earlier]
    if unknown:
        count = sql.SQL("SELECT {}, (SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS few)")
        counts = (
            count.format(name, sql.Identifier(schema, name), _MOST_ROWS + 1) for name in unknown
        )
        rows = _fetch(connection, sql.SQL(" UNION ALL ").join(counts))
        large |= {name for name, number in rows if number > _MOST_ROWS}
    return large


def _rows(
    connection: psycopg.Connection[Any], schema: str, plans: Sequence[_Plan]
) -> dict[str, TableDigest]:
    """All the small tables in one query: each row as its table's name, its key, its values."""
    if not plans:
        return {}
    one = sql.SQL("SELECT {}, ARRAY[{}]::text[], ARRAY[{}]::text[] FROM {}")
    queries = (
        one.format(
            plan.table.name,
            sql.SQL(", ").join(sql.SQL(plan.texts[name]) for name in plan.key),
            sql.SQL(", ").join(map(sql.SQL, plan.texts.values())),
            sql.Identifier(schema, plan.table.name),
        )
        for plan in plans
    )
    rows: dict[str, list[tuple[Key, Values]]] = {plan.table.name: [] for plan in plans}
    for name, key, values in _fetch(connection, sql.SQL(" UNION ALL ").join(queries)):
        rows[name].append((tuple(key), tuple(values)))
    return {plan.table.name: _small(plan, rows[plan.table.name]) for plan in plans}


def _small(plan: _Plan, rows: Sequence[tuple[Key, Values]]) -> TableDigest:
    keyed = dict(rows) if plan.key else _numbered(values for _, values in rows)
    return TableDigest(plan.table.name, plan.key, tuple(plan.texts), len(rows), keyed, None)


def _numbered(rows: Iterable[Values]) -> dict[Key, Values]:
    """A row without a key is its own key, with a number that tells it from its equals."""
    seen: dict[Values, int] = {}
    keyed: dict[Key, Values] = {}
    for values in rows:
        seen[values] = seen.get(values, 0) + 1
        keyed[(*values, str(seen[values]))] = values
    return keyed


_HASHES = sql.SQL("""
WITH row AS (SELECT {key} AS key, {texts} FROM {table}),
part AS (
  SELECT hashtextextended(key, 0) & {last_part} AS part, count(*) AS rows,
         sum(hashtextextended(key, 1)::numeric)::text AS keys, {sums}
  FROM row GROUP BY 1
)
SELECT part, rows, keys, {names} FROM part""")


def _hashed(connection: psycopg.Connection[Any], schema: str, plan: _Plan) -> TableDigest:
    """One pass over the table; a value's hash takes the key in, so that no two can swap."""
    names = list(plan.texts)
    key = "concat_ws('|', {})".format(", ".join(plan.texts[name] for name in plan.key) or "''")
    columns = [f"c{place}" for place in range(len(names))]
    sums = (
        f"count({c}) AS {c}_present, "
        f"sum(hashtextextended({c}, hashtextextended(key, 1))::numeric)::text AS {c}_sum"
        for c in columns
    )
    query = _HASHES.format(
        key=sql.SQL(key),
        texts=sql.SQL(", ").join(
            sql.SQL(f"{text} AS {c}") for text, c in zip(plan.texts.values(), columns, strict=True)
        ),
        table=sql.Identifier(schema, plan.table.name),
        last_part=_PARTS - 1,
        sums=sql.SQL(", ".join(sums)),
        names=sql.SQL(", ".join(f"{c}_present, {c}_sum" for c in columns)),
    )
    parts = {row[0]: row[1:] for row in _fetch(connection, query)}
    hashed = {
        name: HashedColumn(
            sum(row[2 + 2 * place] for row in parts.values()), _sums(parts, 3 + 2 * place)
        )
        for place, name in enumerate(names)
    }
    count = sum(row[0] for row in parts.values())
    keys = HashedColumn(count, _sums(parts, 1))
    return TableDigest(plan.table.name, plan.key, tuple(names), count, None, hashed, keys)


def _sums(parts: Mapping[int, tuple[Any, ...]], place: int) -> tuple[str, ...]:
    """The sum of every part; none where all values of a part are NULL, or it has no row."""
    return tuple((parts[part][place] or "") if part in parts else "" for part in range(_PARTS))


def _fetch(connection: psycopg.Connection[Any], query: sql.Composed) -> list[tuple[Any, ...]]:
    with psycopg.Cursor(connection) as cursor:
        return cursor.execute(query).fetchall()


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string(None)
