"""What a correct schema that is not the document's own text is, as a value."""

from __future__ import annotations

import runpy
from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace

from conformance.canonical_ddl import create_statements
from conformance.canonical_schema import TABLES, Table
from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS

from .judging import SCHEMA


@dataclass(frozen=True, slots=True)
class CorrectVariant:
    """A schema that differs in a way the document allows, judged in `areas`.

    Nothing fails on it but the recommendations in `against`, which is empty for nearly all.
    """

    name: str
    statements: tuple[str, ...]
    against: frozenset[str] = frozenset()
    search_path: str = ""
    areas: tuple[str, ...] = (*SCHEMA, "migrations::test_records_are_protected")


def _guards() -> tuple[str, ...]:
    statements: list[str] = []
    file = CANONICAL_MIGRATIONS / "20260214_000100_guard_immutable_tables.py"
    runpy.run_path(str(file))["up"](SimpleNamespace(execute=statements.append))
    return tuple(statements)


GUARDS = _guards()
#: For variants that migrations could stumble over, not only what looks at the result of one.
EVERYTHING = ("schema", "migrations")


def then(name: str, *statements: str) -> CorrectVariant:
    """The document's schema with its guards, then something done to it."""
    return CorrectVariant(name, (*create_statements(TABLES), *GUARDS, *statements))


def made_of(name: str, tables: Iterable[Table]) -> CorrectVariant:
    """The document's schema from other data, with its guards."""
    return CorrectVariant(name, (*create_statements(tables), *GUARDS))


def instead(name: str, table: Table, *statements: str) -> CorrectVariant:
    """The document's schema with one table made by other statements, with its guards."""
    others = create_statements(one for one in TABLES if one != table)
    return CorrectVariant(name, (*others, *statements, *GUARDS))


def on_every_table(name: str, statement: str) -> CorrectVariant:
    """The same done to each table: `{}` stands for its name."""
    return then(name, *(statement.replace("{}", table.name) for table in TABLES))
