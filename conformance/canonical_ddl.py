"""CREATE statements for tables given as data: the canonical ones, or broken variants of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .canonical_schema import Check, Column, Index, Table


def create_statements(tables: Iterable[Table]) -> Iterator[str]:
    """Yield one statement per table and per index."""
    for table in tables:
        yield create_table(table)
        for index in table.indexes:
            yield create_index(table, index)


def create_table(table: Table) -> str:
    """Render CREATE TABLE with its keys and checks."""
    parts = [
        *map(_column, table.columns),
        f"PRIMARY KEY ({', '.join(table.primary_key)})",
        *(f"UNIQUE ({', '.join(columns)})" for columns in table.unique),
        *map(_check, table.checks),
    ]
    return f"CREATE TABLE {table.name} (\n  " + ",\n  ".join(parts) + "\n)"


def create_index(table: Table, index: Index) -> str:
    """Render CREATE INDEX, under the document's name where it gives one."""
    name = index.name or f"idx_{table.name}_{'_'.join(index.columns)}"
    direction = " DESC" if index.descending else ""
    keys = ", ".join(f"{column}{direction}" for column in index.columns)
    return f"CREATE INDEX {name} ON {table.name} ({keys})"


def _column(column: Column) -> str:
    if column.serial:
        return f"{column.name} {'bigserial' if column.type == 'bigint' else 'serial'}"
    null = "" if column.nullable else " NOT NULL"
    default = f" DEFAULT {column.default}" if column.default is not None else ""
    return f"{column.name} {column.type}{null}{default}"


def _check(check: Check) -> str:
    return f"CHECK ({check.expression})"
