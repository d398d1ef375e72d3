"""What the shape of a table says about the statements on it."""

from __future__ import annotations

import re
from collections.abc import Collection

from pytest_chopsticks.catalog.structure import Column, Table
from pytest_chopsticks.compatibility.contents.check_search import keys
from pytest_chopsticks.compatibility.contents.row_plans import RowPlan, is_serial
from pytest_chopsticks.compatibility.old_clients.old_rows import Row

_CALL = re.compile(r"\w\(|\bCURRENT_|\bLOCALTIME")
_CONSTANT = re.compile(r"'((?:[^']|'')*)'(?:::.*)?")


def varying(table: Table, given: Collection[str]) -> frozenset[str]:
    """The columns not given that get another value each time."""
    return frozenset(
        name for name, column in table.columns.items() if name not in given and _varies(column)
    )


def _varies(column: Column) -> bool:
    return is_serial(column) or bool(column.default and _CALL.search(column.default))


def natural_keys(plan: RowPlan, row: Row) -> list[tuple[str, ...]]:
    """The keys that an insert names, and has no NULL in."""
    return [
        columns
        for columns in keys(plan.table)
        if all(row.get(name) is not None for name in columns)
    ]


def given_explicitly(plan: RowPlan, row: Row) -> Row:
    """What an application that gives columns of sequences itself gives them."""
    columns = plan.table.columns
    return {name: row[name] for name in plan.fresh if columns[name].identity != "always"}


def constant_default(column: Column) -> str | None:
    """The value of a default that is a constant."""
    found = _CONSTANT.fullmatch(column.default or "")
    return found[1].replace("''", "'") if found else None
