"""What did not change is the same object in the next snapshot, and nothing else is."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from pytest_chopsticks.catalog import differences, take_snapshot
from pytest_chopsticks.catalog.known_tables import KnownTables


def test_a_table_that_did_not_change_is_the_same_object(
    connection: psycopg.Connection[Any],
) -> None:
    connection.execute("CREATE TABLE pets (id serial, name text); CREATE TABLE owners (id int)")
    known = KnownTables()
    before = take_snapshot(connection, None, known)

    connection.execute("ALTER TABLE owners ADD name text")
    after = take_snapshot(connection, None, known)

    assert after.tables["pets"] is before.tables["pets"]
    assert [str(one) for one in differences(before, after)] == ["column owners.name is new: text"]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER SEQUENCE pets_id_seq OWNED BY NONE",
        "ALTER SEQUENCE pets_id_seq RENAME TO numbers",
        "ALTER TABLE owners RENAME TO people",
        "COMMENT ON TABLE pets IS 'nothing'",
        "CREATE OR REPLACE FUNCTION on_pet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "GRANT SELECT (name) ON pets TO PUBLIC",
        "DROP TABLE pets; CREATE TABLE pets (id int)",
    ],
)
def test_what_changes_from_elsewhere_is_seen(
    connection: psycopg.Connection[Any], change: str
) -> None:
    """Whatever a table is made of, a snapshot that knows it is equal to one that does not."""
    connection.execute("""
        CREATE TABLE owners (id int PRIMARY KEY);
        CREATE TABLE pets (id serial, name text, owner int REFERENCES owners);
        CREATE FUNCTION on_pet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER on_pet BEFORE INSERT ON pets FOR EACH ROW EXECUTE FUNCTION on_pet();
    """)
    known = KnownTables()
    before = take_snapshot(connection, None, known)

    connection.execute(change.encode())
    after = take_snapshot(connection, None, known)

    assert after == take_snapshot(connection)
    assert differences(before, after) == differences(before, take_snapshot(connection))
