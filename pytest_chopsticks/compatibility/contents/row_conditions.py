"""What every row of a table has to satisfy: checks, domains, partition bounds, row security."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.catalog.names import unquoted
from pytest_chopsticks.catalog.structure import Column, Snapshot, Table

_STRING = re.compile(r"'(?:[^']|'')*'")
_VALUE = re.compile(r"'(?:[^']|'')*'|\bVALUE\b")

_BY_HASH = re.compile(r"satisfies_hash_partition\([^()]*\)")

_BOUNDS = sql.SQL("""
SELECT root.relname::text,
       string_agg(
         coalesce(format('(%%s)', pg_get_partition_constraintdef(leaf.relid)), 'true'), ' OR '
         ORDER BY leaf.relid)
FROM pg_class AS root, pg_partition_tree(root.oid) AS leaf
WHERE root.relnamespace = %(schema)s::regnamespace AND root.relname = ANY(%(names)s)
  AND root.relkind = 'p' AND leaf.isleaf AND leaf.relid <> root.oid
GROUP BY root.relname""")


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression over a table's columns that is not false for any row, and those columns."""

    expression: str
    columns: frozenset[str]


def conditions(
    connection: psycopg.Connection[Any], snapshot: Snapshot, tables: Collection[str]
) -> dict[str, tuple[Condition, ...]]:
    """The conditions of each table; the connection finds the snapshot's schema first."""
    bounds = _partition_bounds(connection, snapshot, tables)
    return {
        name: tuple(
            _condition(snapshot.tables[name], text)
            for text in _expressions(snapshot.tables[name], snapshot, bounds)
        )
        for name in tables
    }


def _partition_bounds(
    connection: psycopg.Connection[Any], snapshot: Snapshot, tables: Collection[str]
) -> dict[str, str]:
    names = [name for name in tables if snapshot.tables[name].kind == "partitioned"]
    if not names:
        return {}
    schema = sql.Identifier(snapshot.schema).as_string(connection)
    with psycopg.Cursor(connection) as cursor:
        return dict(cursor.execute(_BOUNDS, {"schema": schema, "names": names}).fetchall())


def _expressions(table: Table, snapshot: Snapshot, bounds: Mapping[str, str]) -> Iterator[str]:
    for check in table.checks:
        if check.enforced:
            yield check.expression
    if table.name in bounds:
        # Partitions by hash are made for every remainder, and no value can be aimed at one.
        yield _BY_HASH.sub("true", bounds[table.name])
    for column in table.columns.values():
        yield from _of_domain(column, snapshot)
    if table.row_security and table.force_row_security:
        yield from _of_policies(table)


def _of_domain(column: Column, snapshot: Snapshot) -> Iterator[str]:
    name = unquoted(column.type)
    while domain := snapshot.domains.get(name):
        for check in domain.checks:
            yield _VALUE.sub(lambda m: _named(m[0], column.name), check.expression)
        name = unquoted(domain.type)


def _named(found: str, column: str) -> str:
    return sql.Identifier(column).as_string(None) if found == "VALUE" else found


def _of_policies(table: Table) -> Iterator[str]:
    policies = [p for p in table.policies.values() if p.command in ("ALL", "INSERT")]
    wanted = [(p.permissive, p.with_check or p.using) for p in policies]
    permissive = [f"({text})" for allows, text in wanted if allows and text]
    yield " OR ".join(permissive) or "false"
    yield from (text for allows, text in wanted if not allows and text)


def _condition(table: Table, expression: str) -> Condition:
    bare = _STRING.sub("''", expression)
    words = set(re.findall(r'"((?:[^"]|"")+)"|([^\W\d][\w$]*)', bare))
    names = {quoted.replace('""', '"') or plain for quoted, plain in words}
    return Condition(expression, frozenset(names & table.columns.keys()))
