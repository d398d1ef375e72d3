"""The database itself refuses to change rows of a table that is only ever added to."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from pytest_chopsticks.violation import Violation


def expect_protected(owner: psycopg.Connection[Any], table: str, column: str) -> None:
    """Raise a violation if the owner may update, delete or truncate rows of a table.

    `column` is one of its columns; `table` is found through the connection's search_path.
    """
    accepted = []
    for statement in (
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
    ):
        composed = sql.SQL(statement).format(
            table=sql.Identifier(table), column=sql.Identifier(column)
        )
        try:
            with owner.transaction(force_rollback=True):
                owner.execute(composed)
        except psycopg.Error:
            continue
        accepted.append(statement.format(table=table, column=column))
    if accepted:
        raise Violation(
            expected=f"the database refuses to change rows of {table}",
            actual=f"accepted: {'; '.join(accepted)}",
        )
