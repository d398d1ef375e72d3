"""Tables of every kind are filled."""

from __future__ import annotations

import pytest
from pytest_chopsticks.bundled.conformance.canonical_schema import TABLES
from pytest_chopsticks.bundled.conformance.fixtures import create_statements

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.compatibility.contents import populate
from tests.compatibility.contents.fillable_tables import FILLABLE
from tests.compatibility.owned_databases import Connection


@pytest.mark.parametrize("ddl", FILLABLE.values(), ids=FILLABLE.keys())
def test_a_table_is_filled(connection: Connection, ddl: str) -> None:
    connection.execute(ddl.encode())

    population = populate(connection, take_snapshot(connection), rows=10)

    assert population.unfilled == ()
    assert all(count >= 1 for count in population.rows.values()), population.rows


def test_the_same_rows_every_time(connection: Connection) -> None:
    for statement in create_statements(TABLES):
        connection.execute(statement.encode())
    snapshot = take_snapshot(connection)

    contents = []
    for _ in range(2):
        with connection.transaction(force_rollback=True):
            populate(connection, snapshot)
            contents.append(connection.execute("TABLE user_wallets").fetchall())

    assert contents[0] == contents[1]


def test_tables_that_hold_enough_are_left_alone(connection: Connection) -> None:
    for statement in create_statements(TABLES):
        connection.execute(statement.encode())
    snapshot = take_snapshot(connection)
    populate(connection, snapshot)

    again = populate(connection, snapshot)

    assert sum(again.rows.values()) == 0
