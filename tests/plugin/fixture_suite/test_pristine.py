# mypy: ignore-errors
"""What every server has to give: a database for each test in which nobody was before."""

import psycopg
import pytest

PETS = "SELECT id, name FROM pets ORDER BY id"
REX = [(1, "Rex")]

twice = pytest.mark.parametrize("turn", [1, 2])
ways = [
    pytest.param(way, marks=pytest.mark.chopsticks(isolation=way)) for way in ("recycle", "clone")
]


@twice
@pytest.mark.parametrize("isolation", ways)
def test_committed_rows_and_sequences(isolation, turn, chopsticks_conn):
    assert chopsticks_conn.execute(PETS).fetchall() == REX
    chopsticks_conn.execute("INSERT INTO pets (name) VALUES ('Tom')")
    assert chopsticks_conn.execute(PETS).fetchall() == [*REX, (2, "Tom")]
    chopsticks_conn.commit()


@twice
def test_schema(turn, chopsticks_db):
    with chopsticks_db.connect() as connection:
        connection.execute("ALTER TABLE pets ADD colour text")
        connection.execute("CREATE TABLE toys (name text)")


@twice
def test_properties_of_the_database(turn, chopsticks_db):
    name = psycopg.sql.Identifier(chopsticks_db.name)
    with chopsticks_db.connect() as connection:
        assert connection.execute("SHOW search_path").fetchone() != ("other",)
        alter = psycopg.sql.SQL("ALTER DATABASE {} SET search_path TO other")
        connection.execute(alter.format(name))


@pytest.mark.chopsticks(isolation="rollback")
@twice
def test_rolled_back(turn, chopsticks_conn):
    assert chopsticks_conn.execute(PETS).fetchall() == REX
    chopsticks_conn.execute("DELETE FROM pets")
    with pytest.raises(psycopg.ProgrammingError):
        chopsticks_conn.commit()


def test_connection_that_is_left_open(chopsticks_db):
    connection = chopsticks_db.connect(application_name="forgetful")
    connection.execute("LOCK TABLE pets")
    test_connection_that_is_left_open.connection = connection


def test_after_a_connection_was_left_open(chopsticks_conn):
    assert chopsticks_conn.execute(PETS).fetchall() == REX


@twice
def test_empty(turn, chopsticks_empty_db):
    with chopsticks_empty_db.connect() as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchone() == (0,)
        connection.execute("CREATE TABLE mine (one integer)")


@pytest.mark.asyncio
async def test_asyncio(chopsticks_db):
    async with await chopsticks_db.aconnect() as connection:
        assert await (await connection.execute(PETS)).fetchall() == REX
        await connection.execute("DELETE FROM pets")


@pytest.mark.anyio
async def test_anyio(chopsticks_db):
    async with await chopsticks_db.aconnect() as connection:
        assert await (await connection.execute(PETS)).fetchall() == REX
        await connection.execute("DELETE FROM pets")


def test_program(chopsticks_db):
    with psycopg.connect(chopsticks_db.url) as connection:
        assert connection.execute(PETS).fetchall() == REX
