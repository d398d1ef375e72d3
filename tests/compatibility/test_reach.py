"""Which tables a change matters to: all that it can reach, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.compatibility.reach import reached_tables
from pytest_chopsticks.compatibility.watching import DdlEvent
from pytest_chopsticks.databases import BuiltBy, Database, DatabaseProvider, Template

SCHEMA = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN amount AS bigint CHECK (VALUE >= 0);
CREATE TABLE owners (id int PRIMARY KEY, mood mood);
CREATE TABLE pets (id int PRIMARY KEY, owner int REFERENCES owners ON DELETE CASCADE);
CREATE TABLE toys (id int PRIMARY KEY, pet int REFERENCES pets, price amount);
CREATE TABLE log (text text);
CREATE FUNCTION price(n int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT n * 2';
CREATE FUNCTION shout(t text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT upper(t)';
CREATE FUNCTION rest() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION on_pet() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM rest(); INSERT INTO log VALUES (1); RETURN NEW; END';
CREATE TRIGGER on_pet BEFORE INSERT ON pets FOR EACH ROW EXECUTE FUNCTION on_pet();
ALTER TABLE toys ADD CHECK (price(id) < 1000000);
CREATE INDEX ON log (shout(text));
CREATE VIEW moods AS SELECT mood FROM owners;
"""
RUNS_TEXTS = """
CREATE FUNCTION on_toy() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN EXECUTE TG_ARGV[0]; RETURN NEW; END';
CREATE TRIGGER on_toy BEFORE INSERT ON toys FOR EACH ROW EXECUTE FUNCTION on_toy('SELECT 1');
"""


@pytest.fixture(scope="module")
def small(databases: DatabaseProvider) -> Template:
    return databases.template(BuiltBy(build))


@pytest.fixture
def connection(databases: DatabaseProvider, small: Template) -> Iterator[psycopg.Connection[Any]]:
    with databases.clone(small) as database, database.connect() as connection:
        yield connection


def build(database: Database) -> None:
    with database.connect() as connection:
        connection.execute(SCHEMA)


def changed(kind: str, name: str) -> DdlEvent:
    return DdlEvent(1, "command", f"ALTER {kind.upper()}", kind, name)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (changed("function", "public.price(integer)"), {"toys"}),
        (changed("function", "public.shout(text)"), {"log", "pets", "owners"}),
        (changed("function", "public.on_pet()"), {"pets", "owners"}),
        (changed("function", "public.rest()"), {"pets", "owners"}),
        (DdlEvent(1, "drop", "DROP FUNCTION", "function", "public.rest()"), {"pets", "owners"}),
        (changed("type", "public.mood"), {"owners"}),
        (changed("type", "public.amount"), {"toys"}),
        (DdlEvent(1, "command", "COMMENT", "schema", "public"), set()),
    ],
    ids=lambda one: one.object if isinstance(one, DdlEvent) else "",
)
def test_what_a_function_or_type_matters_to(
    connection: psycopg.Connection[Any], event: DdlEvent, expected: set[str]
) -> None:
    """Through tables, too: pets get a row in the log, and owners pass deletes on to pets."""
    found = reached_tables(connection, "public", (), [event])

    assert found is not None
    assert found & {"owners", "pets", "toys", "log"} == expected


def test_a_new_function_matters_to_nobody(connection: psycopg.Connection[Any]) -> None:
    connection.execute("CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS 'SELECT 1'")

    assert reached_tables(connection, "public", (), [changed("function", "public.fresh()")]) == (
        frozenset()
    )


def test_what_an_operator_depends_on_may_matter_to_any_table(
    connection: psycopg.Connection[Any],
) -> None:
    connection.execute("CREATE OPERATOR !!! (FUNCTION = price, RIGHTARG = int)")

    assert (
        reached_tables(connection, "public", (), [changed("function", "public.price(integer)")])
        is None
    )


def test_a_body_that_runs_texts_may_call_any(connection: psycopg.Connection[Any]) -> None:
    connection.execute(RUNS_TEXTS)
    connection.execute("CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS 'SELECT 1'")

    found = reached_tables(connection, "public", (), [changed("function", "public.fresh()")])

    assert found is not None
    assert "toys" in found


@pytest.mark.parametrize(
    ("statement", "event"),
    [
        (
            "CREATE FUNCTION price(n bigint) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            changed("function", "public.price(bigint)"),
        ),
        (
            "CREATE FUNCTION upper(n int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            changed("function", "public.upper(integer)"),
        ),
        (
            "CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
            changed("operator", "public.===(integer,integer)"),
        ),
        ("SELECT 1", changed("schema", "public")),
        ("SELECT 1", DdlEvent(1, "command", "GRANT", "FUNCTION", "")),
    ],
)
def test_what_may_change_the_meaning_of_any_statement(
    connection: psycopg.Connection[Any], statement: str, event: DdlEvent
) -> None:
    """Such as a second function of a name: which one is meant may be another now."""
    connection.execute(statement.encode())

    assert reached_tables(connection, "public", (), [event]) is None


@pytest.mark.parametrize(
    ("touched", "expected"),
    [
        ("log", {"log", "pets", "owners"}),
        ("pets", {"pets", "owners"}),
        ("toys", {"toys"}),
        ("owners", {"owners"}),
    ],
)
def test_a_table_reaches_those_whose_statements_come_to_it(
    connection: psycopg.Connection[Any], touched: str, expected: set[str]
) -> None:
    found = reached_tables(connection, "public", [touched], [])

    assert found is not None
    assert found & {"owners", "pets", "toys", "log"} == expected
