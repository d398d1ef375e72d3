"""Rows like those that are there, for tables that refuse the rows that were thought of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import psycopg

from pytest_chopsticks.compatibility.contents.attempts import Attempt, attempt_all
from pytest_chopsticks.compatibility.contents.check_search import keys
from pytest_chopsticks.compatibility.old_clients import statement_shapes as shapes
from pytest_chopsticks.compatibility.old_clients.old_rows import (
    NUMBERS,
    OldRows,
    Row,
    literals,
    text_of,
)

_CONFLICT = "23505"


def with_learned_rows(connection: psycopg.Connection[Any], rows: OldRows) -> OldRows:
    """Replace rows that are refused by rows that are there, under keys of their own.

    Where only their keys are taken, room is to be made for them. A table that refuses those too
    keeps what it had.
    """
    refused = _refused(connection, rows, list(rows.rows))
    if not refused:
        return rows
    crowded = (name for name, sqlstate in refused.items() if sqlstate == _CONFLICT)
    rows = replace(rows, crowded=frozenset(crowded))
    learned = _learned(connection, rows, [name for name in refused if name not in rows.crowded])
    changed = replace(rows, rows={**rows.rows, **learned})
    still = _refused(connection, changed, list(learned))
    kept = {name: several for name, several in learned.items() if name not in still}
    return replace(rows, rows={**rows.rows, **kept})


def _refused(
    connection: psycopg.Connection[Any], rows: OldRows, names: Sequence[str]
) -> dict[str, str]:
    """The tables that refuse any of our rows, and with which SQLSTATE."""
    asked = [(name, number) for name in names for number in range(1, NUMBERS + 1)]
    answers = attempt_all(connection, [_insert(rows, name, number) for name, number in asked])
    return {
        name: answer.sqlstate
        for (name, _), answer in zip(asked, answers, strict=True)
        if answer.sqlstate is not None
    }


def _insert(rows: OldRows, name: str, number: int) -> Attempt:
    needed, natural = rows.parents(name, number)
    text = text_of(shapes.insert(rows.identifier(name), literals(rows.row(name, number))))
    return Attempt(text, preparations=needed, if_possible=natural)


def _learned(
    connection: psycopg.Connection[Any], rows: OldRows, names: Sequence[str]
) -> dict[str, tuple[Row, ...]]:
    answers = attempt_all(connection, [_look(rows, name) for name in names])
    return {
        name: _under_own_keys(rows, name, [dict(row) for row in answer.returned])
        for name, answer in zip(names, answers, strict=True)
        if answer.returned
    }


def _look(rows: OldRows, name: str) -> Attempt:
    columns = ", ".join(
        f"{identifier}::text"
        for identifier in (text_of(shapes.names([c])) for c in rows.plans[name].explicit)
    )
    table = text_of(rows.identifier(name))
    return Attempt(f"SELECT {columns} FROM {table} LIMIT {NUMBERS}", returns=True)  # noqa: S608


def _under_own_keys(
    rows: OldRows, name: str, found: Sequence[Mapping[str, str | None]]
) -> tuple[Row, ...]:
    plan = rows.plans[name]
    own = {column for columns in keys(plan.table) for column in columns} | plan.fresh.keys()
    return tuple(
        {
            **found[place % len(found)],
            **{column: planned[column] for column in own & planned.keys()},
        }
        for place, planned in enumerate(rows.rows[name])
    )
