"""Rows with the constants that a migration mentions: what it changes may be there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psycopg

from pytest_chopsticks.catalog.structure import Snapshot
from pytest_chopsticks.compatibility.contents.attempts import pin_settings
from pytest_chopsticks.compatibility.contents.check_search import Solutions
from pytest_chopsticks.compatibility.contents.edge_rows import (
    UnusualRow,
    insert_unusual_rows,
    unusual_columns,
)
from pytest_chopsticks.compatibility.contents.numbered_values import ValueType, cast, literal
from pytest_chopsticks.compatibility.contents.row_plans import RowPlan, plan_rows

_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
_MOST = 90


@dataclass(frozen=True, slots=True)
class Mentioned:
    """The texts and numbers that a migration mentions."""

    texts: tuple[str, ...]
    numbers: tuple[int, ...]


def insert_mentioned_rows(
    connection: psycopg.Connection[Any],
    snapshot: Snapshot,
    tables: Collection[str],
    mentioned: Mentioned,
    *,
    after: int,
    known: Solutions | None = None,
) -> None:
    """Insert rows into the tables with numbers after `after`.

    One row has a text in every column that may hold it, one a number or a neighbour of it, and one
    has documents with the texts as keys.
    """
    plans = plan_rows(connection, snapshot, tables, known)
    rows = [row for name in tables for row in islice(_rows(plans[name], mentioned, after), _MOST)]
    with connection.transaction():
        pin_settings(connection, snapshot.schema)
        insert_unusual_rows(connection, snapshot.schema, rows, after)


def _rows(plan: RowPlan, mentioned: Mentioned, after: int) -> Iterator[UnusualRow]:
    columns = {name: plan.types[name] for name in unusual_columns(plan)}
    everywhere = [
        _documents(columns, mentioned.texts),
        *(_texts(columns, text) for text in mentioned.texts),
        *(_numbers(columns, number) for number in _with_neighbours(mentioned.numbers)),
    ]
    for place, unusual in enumerate(everywhere, 1):
        if unusual:
            yield UnusualRow(plan, after + place, unusual)


def _with_neighbours(numbers: Sequence[int]) -> list[int]:
    return sorted({near for number in numbers for near in (number - 1, number, number + 1)})


def _texts(columns: dict[str, ValueType], text: str) -> dict[str, str]:
    return {
        name: cast(literal(text), type_)
        for name, type_ in columns.items()
        if type_.is_text or text in type_.labels
    }


def _numbers(columns: dict[str, ValueType], number: int) -> dict[str, str]:
    return {
        name: cast(f"{number}", type_)
        for name, type_ in columns.items()
        if type_.name in _NUMBERS and not type_.array
    }


def _documents(columns: dict[str, ValueType], texts: Sequence[str]) -> dict[str, str]:
    if not texts:
        return {}
    pairs = ", ".join(f"{literal(text)}, 'value'" for text in texts)
    return {
        name: cast(f"json_build_object({pairs})", type_)
        for name, type_ in columns.items()
        if type_.name in ("json", "jsonb") and not type_.array
    }
