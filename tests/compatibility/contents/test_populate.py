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


def test_what_cannot_be_filled_is_told(connection: Connection) -> None:
    connection.execute("CREATE TABLE nothing (a integer NOT NULL CHECK (a > 5 AND a < 3))")

    (problem, empty) = populate(connection, take_snapshot(connection)).unfilled

    assert str(problem) == "nothing: no values were found that satisfy ((a > 5) AND (a < 3))"
    assert str(empty).startswith("nothing: no row could be written: new row for relation")


def test_a_type_without_known_values_is_told(connection: Connection) -> None:
    connection.execute("CREATE TYPE money_of AS (amount bigint, currency text)")
    connection.execute("CREATE TABLE prices (price money_of NOT NULL)")

    unfilled = populate(connection, take_snapshot(connection)).unfilled

    assert str(unfilled[0]) == "prices: prices.price: no values of the type money_of are known"


def test_a_table_that_no_policy_lets_anybody_write_to_is_told(connection: Connection) -> None:
    connection.execute("CREATE TABLE notes (body text NOT NULL)")
    connection.execute("CREATE POLICY mine ON notes AS RESTRICTIVE USING (body <> '')")
    connection.execute("ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")

    population = populate(connection, take_snapshot(connection))

    assert population.rows == {"notes": 0}
    assert "new row violates row-level security policy" in str(population.unfilled[0])


def test_rows_keep_to_references_that_nothing_declares(connection: Connection) -> None:
    for statement in create_statements(TABLES):
        connection.execute(statement.encode())
    populate(connection, take_snapshot(connection))

    connection.execute("ALTER TABLE agent_bots ADD FOREIGN KEY (pool_id) REFERENCES agent_pools")


def test_rows_of_required_cycles_leave_sequences_behind_them(connection: Connection) -> None:
    connection.execute(FILLABLE["deferrable"].encode())
    populate(connection, take_snapshot(connection))

    row = connection.execute("SELECT nextval('eggs_id_seq') > max(id) FROM eggs").fetchone()

    assert row == (True,)


def test_a_cycle_of_which_some_rows_are_refused_gets_the_others(connection: Connection) -> None:
    connection.execute("""
        CREATE TABLE hens (id integer PRIMARY KEY, egg integer NOT NULL);
        CREATE TABLE eggs (id integer PRIMARY KEY, hen integer NOT NULL REFERENCES hens DEFERRABLE
          INITIALLY DEFERRED);
        ALTER TABLE hens ADD FOREIGN KEY (egg) REFERENCES eggs DEFERRABLE INITIALLY DEFERRED;
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN IF NEW.id % 2 = 0 THEN RAISE EXCEPTION 'even'; END IF; RETURN NEW; END$$;
        CREATE TRIGGER refuse BEFORE INSERT ON hens FOR EACH ROW EXECUTE FUNCTION refuse()
    """)

    population = populate(connection, take_snapshot(connection))

    assert population.unfilled == ()
    assert connection.execute("SELECT bool_and(id % 2 = 1) FROM hens").fetchone() == (True,)
