"""Values at the edges of types that the schema accepts, for the inserts of a corpus."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import psycopg

from pytest_chopsticks.compatibility.contents.attempts import Attempt, attempt_all
from pytest_chopsticks.compatibility.contents.edge_rows import unusual_columns
from pytest_chopsticks.compatibility.contents.edge_values import edge_values
from pytest_chopsticks.compatibility.contents.numbered_values import ValueType
from pytest_chopsticks.compatibility.old_clients import statement_shapes as shapes
from pytest_chopsticks.compatibility.old_clients.old_rows import OldRows, Row, literals, text_of

#: The largest value of each column, and the other end.
_ENDS = 2


def accepted_edges(
    connection: psycopg.Connection[Any], rows: OldRows, tables: Collection[str]
) -> dict[str, tuple[Row, ...]]:
    """Per table, rows of edges; a row that is refused is left with what is accepted singly."""
    asked = [(name, edge) for name in tables if name in rows.rows for edge in _edges(rows, name)]
    answers = attempt_all(connection, [_insert(rows, name, edge) for name, edge in asked])
    accepted: dict[str, list[Row]] = {}
    refused = []
    for (name, edge), answer in zip(asked, answers, strict=True):
        if answer.sqlstate is None:
            accepted.setdefault(name, []).append(edge)
        else:
            refused.append((name, edge))
    for name, edge in _without_the_refused(connection, rows, refused):
        accepted.setdefault(name, []).append(edge)
    return {name: tuple(edges) for name, edges in accepted.items()}


def _edges(rows: OldRows, name: str) -> Iterator[Row]:
    plan = rows.plans[name]
    known = {column: _ends(plan.types[column]) for column in unusual_columns(plan)}
    for end in range(_ENDS):
        if row := {column: values[end] for column, values in known.items() if len(values) > end}:
            yield row


def _ends(type_: ValueType) -> tuple[str, ...]:
    """Texts other than those that tables were filled with, which a new key would refuse."""
    values = edge_values(type_)[:_ENDS]
    return tuple(f"c{value[1:]}" if value and type_.is_text else value for value in values)


def _without_the_refused(
    connection: psycopg.Connection[Any], rows: OldRows, refused: list[tuple[str, Row]]
) -> Iterator[tuple[str, Row]]:
    singly = [(place, c) for place, (_, edge) in enumerate(refused) for c in edge]
    attempts = [
        _insert(rows, refused[place][0], {column: refused[place][1][column]})
        for place, column in singly
    ]
    fitting: list[dict[str, str | None]] = [{} for _ in refused]
    for (place, column), answer in zip(singly, attempt_all(connection, attempts), strict=True):
        if answer.sqlstate is None:
            fitting[place][column] = refused[place][1][column]
    together = [(name, edge) for (name, _), edge in zip(refused, fitting, strict=True) if edge]
    answers = attempt_all(connection, [_insert(rows, name, edge) for name, edge in together])
    for one, answer in zip(together, answers, strict=True):
        if answer.sqlstate is None:
            yield one


def _insert(rows: OldRows, name: str, edge: Mapping[str, str | None]) -> Attempt:
    row = {**rows.row(name, 2), **edge}
    needed, natural = rows.parents(name, 2)
    text = text_of(shapes.insert(rows.identifier(name), literals(row)))
    return Attempt(text, preparations=needed, if_possible=natural)
