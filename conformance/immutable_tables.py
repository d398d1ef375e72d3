"""The database itself refuses to change rows of a table that is only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.violation import Violation

from .canonical_rows import canonical_row
from .canonical_schema import Table
from .table_rows import insert


def expect_protected(owner: psycopg.Connection[Any], table: Table) -> None:
    """Raise a violation if the owner may update, delete or truncate rows of a table.

    It is found through the connection's search_path. What fires for each row needs one, and what
    is about some columns leaves the others.
    """
    with owner.transaction(force_rollback=True):
        with suppress(psycopg.Error), owner.transaction():
            insert(owner, table.name, **canonical_row(table, 1))
        columns = [column.name for column in table.columns]
        updated = [column for column in columns if _accepts(owner, _update(table, [column]))]
        accepted = [_update(table, updated)] if updated else []
        accepted += [one for one in _removals(table) if _accepts(owner, one)]
        told = [one.as_string(owner).replace('"', "") for one in accepted]
    if told:
        raise Violation(
            expected=f"the database refuses to change rows of {table.name}",
            actual=f"accepted: {'; '.join(told)}",
        )


def _update(table: Table, columns: Sequence[str]) -> sql.Composed:
    sets = (sql.SQL("{0} = {0}").format(sql.Identifier(column)) for column in columns)
    return sql.SQL("UPDATE {} SET {}").format(sql.Identifier(table.name), sql.SQL(", ").join(sets))


def _removals(table: Table) -> list[sql.Composed]:
    removals = (sql.SQL("DELETE FROM {}"), sql.SQL("TRUNCATE {}"))
    return [removal.format(sql.Identifier(table.name)) for removal in removals]


def _accepts(owner: psycopg.Connection[Any], statement: sql.Composed) -> bool:
    """Whether a statement passes, up to the end of its transaction; it is undone."""
    try:
        with owner.transaction(force_rollback=True):
            owner.execute(statement)
            owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error:
        return False
    return True
