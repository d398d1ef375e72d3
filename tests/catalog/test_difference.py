"""Every kind of change is told as exactly itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_chopsticks.catalog import changes, differences, take_snapshot
from tests.catalog.change_case import Case
from tests.catalog.ddl import rich_ddl
from tests.catalog.kinds_of_change import CASES

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

GENERAL = {
    "Change",
    "TableChange",
    "ColumnChange",
    "ConstraintAdded",
    "ConstraintRemoved",
    "ConstraintChanged",
    "PrivilegeChange",
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_change(connection: Connection, case: Case) -> None:
    connection.execute(case.before)
    before = take_snapshot(connection)
    connection.execute(case.change)

    found = differences(before, take_snapshot(connection))

    assert tuple(str(change) for change in found) == case.sentences
    assert tuple(type(change).__name__ for change in found) == case.kinds


def test_every_kind_has_a_case() -> None:
    seen = {kind for case in CASES.values() for kind in case.kinds}

    assert seen == set(changes.__all__) - GENERAL


def test_nothing_to_everything_and_back(connection: Connection) -> None:
    nothing = take_snapshot(connection)
    connection.execute(rich_ddl())
    everything = take_snapshot(connection)

    added, removed = differences(nothing, everything), differences(everything, nothing)

    assert {type(change).__name__ for change in added} == {
        "TableAdded",
        "SequenceAdded",
        "EnumAdded",
        "DomainAdded",
    }
    assert [str(change).replace(" is new", "").split(":")[0] for change in added] == [
        str(change).replace(" is gone", "") for change in removed
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE t RENAME CONSTRAINT t_pkey TO k",
        "COMMENT ON TABLE t IS 'x'",
        "ALTER TABLE t SET (fillfactor = 50)",
        "ALTER TABLE t ADD z int; ALTER TABLE t DROP z",
        "INSERT INTO t VALUES (1)",
    ],
)
def test_what_carries_no_structure_leaves_snapshots_equal(
    connection: Connection, statement: str
) -> None:
    connection.execute("CREATE TABLE t (a int PRIMARY KEY)")
    before = take_snapshot(connection)
    connection.execute(statement)

    assert take_snapshot(connection) == before
