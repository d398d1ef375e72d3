"""Filling and comparing on PostgreSQL 13 to 18."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.compatibility.contents import digest, losses, populate
from pytest_chopsticks.servers import Server
from tests.compatibility.contents.fillable_tables import FILLABLE, SINCE
from tests.compatibility.owned_databases import owner_connection


@pytest.mark.parametrize("version", [13, 15])
def test_every_kind_of_table_is_filled(all_postgres: Mapping[int, Server], version: int) -> None:
    unfilled: dict[str, list[str]] = {}
    with owner_connection(all_postgres[version]) as connection:
        for name, ddl in FILLABLE.items():
            if SINCE.get(name, 0) > version:
                continue
            with connection.transaction(force_rollback=True):
                connection.execute(ddl.encode())
                population = populate(connection, take_snapshot(connection), rows=5)
                unfilled[name] = [str(one) for one in population.unfilled]

    assert {name: told for name, told in unfilled.items() if told} == {}


def test_rounding_is_told(each_postgres: Server) -> None:
    ddl = "CREATE TABLE prices (id serial PRIMARY KEY, price numeric(8, 2), seen timestamptz)"
    with owner_connection(each_postgres, ddl) as connection:
        populate(connection, take_snapshot(connection))
        before = digest(connection, take_snapshot(connection))
        connection.execute("ALTER TABLE prices ALTER price TYPE integer, ALTER id TYPE bigint")

        found = losses(before, digest(connection, take_snapshot(connection), like=before))

    assert [(loss.kind, loss.column) for loss in found] == [("value-changed", "price")]
