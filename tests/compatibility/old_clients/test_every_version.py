"""Old clients on PostgreSQL 13 to 18."""

from __future__ import annotations

from pytest_chopsticks.bundled.conformance.canonical_schema import TABLES
from pytest_chopsticks.bundled.conformance.fixtures import create_statements

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.compatibility.contents import populate
from pytest_chopsticks.compatibility.old_clients import breaks, corpus, replay
from pytest_chopsticks.servers import Server
from tests.compatibility.owned_databases import owner_connection


def test_a_break_is_told_on_every_version(each_postgres: Server) -> None:
    with owner_connection(each_postgres, *create_statements(TABLES)) as connection:
        snapshot = take_snapshot(connection)
        populate(connection, snapshot)
        statements = corpus(connection, snapshot)
        before = replay(connection, statements)
        unchanged = breaks(before, replay(connection, statements))
        connection.execute("ALTER TABLE user_wallets ADD CHECK (balance < 1000) NOT VALID")

        (broken,) = breaks(before, replay(connection, statements))

    assert unchanged == ()
    assert broken.after.sqlstate == "23514"
