"""What a broken schema is, as a value, and the ids of requirements it is written with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from conformance.canonical_ddl import create_statements
from conformance.canonical_schema import TABLES, Column, Table

from .matrix.row import Row

ONLY_ALLOWED_CHANGES = "schema.only-allowed-changes"
FROM_EMPTY = "migrations.from-empty"


@dataclass(frozen=True, slots=True)
class SchemaMutant:
    """A schema broken in one way.

    Every requirement in `caught_by` has to fail, with a message that contains each word of
    `names`. Of the others only those that match a pattern in `collateral` may fail.
    """

    kind: str
    place: str
    broken: str
    table: str
    statements: tuple[str, ...]
    caught_by: frozenset[str]
    collateral: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.place}".replace(" ", "-")

    @property
    def row(self) -> Row:
        return Row("schema", self.name, self.broken, self.caught_by)

    def may_fail(self, requirement: str) -> bool:
        return requirement in self.caught_by or any(
            fnmatchcase(requirement, pattern) for pattern in self.collateral
        )


def canonical_and(*statements: str) -> tuple[str, ...]:
    """The document's schema, then something done to it."""
    return (*create_statements(TABLES), *statements)


def canonical_but(changed: Table) -> tuple[str, ...]:
    """The document's schema with one table made otherwise."""
    return tuple(create_statements(changed if t.name == changed.name else t for t in TABLES))


def canonical_without(name: str) -> tuple[str, ...]:
    """The document's schema without one table."""
    return tuple(create_statements(table for table in TABLES if table.name != name))


def column_id(table: Table, column: Column) -> str:
    return f"schema.column.{table.name}.{column.name}"


def key_id(family: str, table: Table, columns: Iterable[str]) -> str:
    """The id of `unique`, `index`, `index-name` or `index-serves` on some columns."""
    return f"schema.{family}.{table.name}.{','.join(columns)}"


def writes(table: Table) -> str:
    return f"schema.accepts-canonical-writes.{table.name}"


def all_of(table: Table) -> tuple[str, ...]:
    """Patterns of every requirement about one table."""
    return (f"schema.*.{table.name}", f"schema.*.{table.name}.*")
