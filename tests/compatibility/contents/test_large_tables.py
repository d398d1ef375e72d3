"""Tables too large to keep every value are compared by sums of hashes."""

from __future__ import annotations

import pytest

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.compatibility.contents import digest, losses, populate
from tests.compatibility.owned_databases import Connection

_ROWS = 5_000


@pytest.fixture
def large(connection: Connection) -> Connection:
    connection.execute(
        "CREATE TABLE visits (id bigint PRIMARY KEY, page text NOT NULL, score numeric(8, 2))"
    )
    populate(connection, take_snapshot(connection), rows=_ROWS)
    connection.execute("ALTER TABLE visits ADD remark text")
    return connection


@pytest.mark.parametrize(
    ("migration", "messages"),
    [
        ("SELECT", []),
        ("ALTER TABLE visits ALTER score TYPE numeric(12, 4)", []),
        ("INSERT INTO visits VALUES (-1, 'new', 0, NULL)", []),
        (
            "UPDATE visits SET score = 0 WHERE id = 17",
            ["visits.score: values of at least 1 row are no longer what they were"],
        ),
        ("DELETE FROM visits WHERE id = 17", ["1 row of visits is gone"]),
        (
            "DELETE FROM visits WHERE id = 17; UPDATE visits SET score = NULL WHERE id = 18",
            [
                "1 row of visits is gone",
                "visits.score: values of at least 1 row are no longer what they were",
            ],
        ),
        (
            "ALTER TABLE visits RENAME page TO url",
            ["visits.page is gone; its values are now in visits.url"],
        ),
        ("ALTER TABLE visits DROP remark", []),
        ("ALTER TABLE visits RENAME TO hits", ["visits is gone; its values are now in hits"]),
    ],
)
def test_losses_of_a_large_table(large: Connection, migration: str, messages: list[str]) -> None:
    before = digest(large, take_snapshot(large))
    large.execute(migration.encode())

    found = losses(before, digest(large, take_snapshot(large), like=before))

    assert [loss.message for loss in found] == messages


def test_two_values_cannot_swap(large: Connection) -> None:
    before = digest(large, take_snapshot(large))
    large.execute(
        "UPDATE visits AS a SET page = b.page FROM visits AS b "
        "WHERE a.id IN (1, 2) AND b.id = 3 - a.id"
    )

    found = losses(before, digest(large, take_snapshot(large), like=before))

    assert [(loss.kind, loss.column) for loss in found] == [("value-changed", "page")]


def test_a_large_table_is_no_new_name_of_a_small_one(connection: Connection) -> None:
    connection.execute("CREATE TABLE visits (id bigint PRIMARY KEY, page text)")
    connection.execute("INSERT INTO visits VALUES (1, 'home')")
    before = digest(connection, take_snapshot(connection))
    connection.execute("DROP TABLE visits")
    connection.execute("CREATE TABLE hits (id bigint PRIMARY KEY, page text)")
    connection.execute("INSERT INTO hits SELECT n, 'other' FROM generate_series(1, 5000) AS n")

    (loss,) = losses(before, digest(connection, take_snapshot(connection), like=before))

    assert loss.message == "1 row of visits is gone"
