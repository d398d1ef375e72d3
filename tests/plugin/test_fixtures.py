"""The fixtures, as tests of any project use them."""

from __future__ import annotations

import re

import pytest

from tests.plugin.scratch import Scratch

PUBLIC = {
    "chopsticks_conn",
    "chopsticks_db",
    "chopsticks_empty_db",
    "chopsticks_server",
    "chopsticks_template",
}
TWO_THAT_COMMIT = """
    import pytest

    @pytest.mark.parametrize("turn", [1, 2])
    def test_commit(turn, {fixture}):
        with {fixture}.connect() as connection:
            tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'mine'"
            assert connection.execute(tables).fetchone() == (0,)
            connection.execute("CREATE TABLE mine (one integer)")
            connection.execute("INSERT INTO mine VALUES (1)")
"""


def test_public_names(scratch: Scratch) -> None:
    outcome = scratch.pytest("--fixtures")
    assert set(re.findall(r"^(chopsticks_\w+)", outcome.output, re.MULTILINE)) == PUBLIC


def test_without_the_option_they_skip_and_say_so(scratch: Scratch) -> None:
    tests = (f"def test_{name}({name}): raise AssertionError" for name in PUBLIC)
    scratch.write("test_it.py", "\n".join(tests))
    outcome = scratch.pytest("-rs")
    assert "5 skipped" in outcome.output
    assert "needs Postgres: run pytest with --chopsticks-db" in outcome.output
    assert outcome.exit_status == 0


@pytest.mark.parametrize("fixture", ["chopsticks_db", "chopsticks_empty_db"])
def test_every_test_has_a_pristine_database(fixture: str, scratch: Scratch) -> None:
    scratch.write("test_it.py", TWO_THAT_COMMIT.format(fixture=fixture))
    outcome = scratch.pytest("--chopsticks-db")
    assert "2 passed" in outcome.output


def test_rows_of_the_previous_test_are_gone(scratch: Scratch) -> None:
    scratch.write(
        "test_it.py",
        """
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test_it(turn, chopsticks_conn):
            rows = chopsticks_conn.execute("SELECT count(*) FROM agent_runners").fetchone()
            assert rows == (0,)
            chopsticks_conn.execute("INSERT INTO agent_runners VALUES ('r', 1)")
            chopsticks_conn.execute("INSERT INTO user_pets (user_id, pet_type) VALUES ('u', 'cat')")
            pet = chopsticks_conn.execute("SELECT id FROM user_pets").fetchone()
            assert pet == (1,), "sequences begin anew"
            chopsticks_conn.commit()
        """,
    )
    outcome = scratch.pytest("--chopsticks-db")
    assert "2 passed" in outcome.output


def test_connection_left_open_does_not_break_the_next_test(scratch: Scratch) -> None:
    """In a transaction, with locks on a table."""
    scratch.write(
        "test_it.py",
        """
        import psycopg
        import pytest

        kept = []

        @pytest.mark.parametrize("turn", [1, 2])
        def test_it(turn, chopsticks_db):
            connection = chopsticks_db.connect()
            connection.execute("LOCK TABLE agent_runners")
            connection.execute("INSERT INTO agent_runners VALUES ('r', 1)")
            kept.append(connection)

        def test_the_leaked_ones_are_cut_off():
            for connection in kept:
                with pytest.raises(psycopg.OperationalError):
                    connection.execute("SELECT 1")
                connection.close()
        """,
    )
    outcome = scratch.pytest("--chopsticks-db", "-W", "error")
    assert "3 passed" in outcome.output


def test_connection_fixture_is_open_on_the_same_database(scratch: Scratch) -> None:
    scratch.write(
        "test_it.py",
        """
        def test_it(chopsticks_db, chopsticks_conn):
            chopsticks_conn.execute("INSERT INTO agent_runners VALUES ('r', 1)")
            chopsticks_conn.commit()
            with chopsticks_db.connect() as other:
                assert other.execute("SELECT runner_id FROM agent_runners").fetchall() == [("r",)]

        def test_after_an_error(chopsticks_conn):
            try:
                chopsticks_conn.execute("SELECT nonsense")
            except Exception:
                pass
        """,
    )
    outcome = scratch.pytest("--chopsticks-db")
    assert "2 passed" in outcome.output


@pytest.mark.parametrize("options", [(), ("--chopsticks-tcp",)], ids=["socket", "tcp"])
def test_ways_in(options: tuple[str, ...], scratch: Scratch) -> None:
    """Every way leads to the test's own database, as its owner."""
    scratch.write(
        "test_it.py",
        """
        import asyncio
        import os
        import subprocess
        import sys

        import psycopg

        WHO = "SELECT current_database(), current_user"

        def test_url(chopsticks_db):
            with psycopg.connect(chopsticks_db.url) as connection:
                assert connection.execute(WHO).fetchone() == who(chopsticks_db)

        def test_dsn(chopsticks_db):
            with psycopg.connect(chopsticks_db.dsn) as connection:
                assert connection.execute(WHO).fetchone() == who(chopsticks_db)

        def test_connect(chopsticks_db):
            with chopsticks_db.connect(autocommit=True) as connection:
                assert connection.autocommit
                assert connection.execute(WHO).fetchone() == who(chopsticks_db)

        def test_aconnect(chopsticks_db):
            async def ask():
                async with await chopsticks_db.aconnect() as connection:
                    return await (await connection.execute(WHO)).fetchone()
            assert asyncio.run(ask()) == who(chopsticks_db)

        def test_env_of_another_program(chopsticks_db):
            program = f"import psycopg; print(*psycopg.connect('').execute({WHO!r}).fetchone())"
            answer = subprocess.check_output(
                [sys.executable, "-c", program], env={**os.environ, **chopsticks_db.env}, text=True
            )
            assert answer.split() == list(who(chopsticks_db))

        def test_url_of_env(chopsticks_db):
            program = (
                "import os, psycopg;"
                f"print(*psycopg.connect(os.environ['DATABASE_URL']).execute({WHO!r}).fetchone())"
            )
            answer = subprocess.check_output(
                [sys.executable, "-c", program], env={**os.environ, **chopsticks_db.env}, text=True
            )
            assert answer.split() == list(who(chopsticks_db))
            assert chopsticks_db.env["POSTGRES_URL"] == chopsticks_db.env["DATABASE_URL"]

        def who(database):
            return database.name, database.user
        """,
    )
    outcome = scratch.pytest("--chopsticks-db", *options)
    assert "6 passed" in outcome.output


def test_over_tcp_the_password_is_asked_for(scratch: Scratch) -> None:
    scratch.write(
        "test_it.py",
        """
        import psycopg
        import pytest

        def test_it(chopsticks_db):
            assert chopsticks_db.host == "127.0.0.1"
            assert chopsticks_db.password not in repr(chopsticks_db)
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(
                    host=chopsticks_db.host, port=chopsticks_db.port, user=chopsticks_db.user,
                    dbname=chopsticks_db.name, password="guessed",
                )
        """,
    )
    outcome = scratch.pytest("--chopsticks-db", "--chopsticks-tcp")
    assert "1 passed" in outcome.output


def test_owner_is_an_ordinary_role_and_the_observer_is_not(scratch: Scratch) -> None:
    scratch.write(
        "test_it.py",
        """
        import psycopg
        import pytest

        SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        OWNER = '''
            SELECT pg_get_userbyid(datdba) = current_user
            FROM pg_database WHERE datname = current_database()
        '''

        @pytest.fixture(params=["chopsticks_db", "chopsticks_empty_db"])
        def database(request):
            return request.getfixturevalue(request.param)

        def test_owner(database):
            with database.connect() as connection:
                assert connection.execute(SUPERUSER).fetchone() == (False,)
                assert connection.execute(OWNER).fetchone() == (True,)

        def test_observer(database):
            with database.observe() as connection:
                assert connection.execute(SUPERUSER).fetchone() == (True,)

        def test_the_tables_are_the_owner_s(chopsticks_db):
            with chopsticks_db.connect() as connection:
                connection.execute("ALTER TABLE user_pets ADD COLUMN colour text")

        def test_other_databases_cannot_be_made(chopsticks_db):
            with chopsticks_db.connect(autocommit=True) as connection:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("CREATE DATABASE another")
        """,
    )
    outcome = scratch.pytest("--chopsticks-db")
    assert "6 passed" in outcome.output


@pytest.mark.parametrize(
    "template",
    [
        'return "pets.sql"',
        'return Path(__file__).with_name("pets.sql")',
        'return [Path("pets.sql"), "more.sql"]',
        "return build",
    ],
    ids=["file", "path", "files", "function"],
)
def test_template_of_one_s_own(template: str, scratch: Scratch) -> None:
    scratch.write("pets.sql", "CREATE TABLE pets (name text); INSERT INTO pets VALUES ('Rex');")
    scratch.write("more.sql", "UPDATE pets SET name = name || '!';")
    scratch.write(
        "conftest.py",
        f"""
        from pathlib import Path
        import pytest

        def build(database):
            with database.connect() as connection:
                connection.execute("CREATE TABLE pets AS SELECT 'Rex' AS name")

        @pytest.fixture(scope="session")
        def chopsticks_template():
            {template}
        """,
    )
    scratch.write(
        "test_it.py",
        """
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test_it(turn, chopsticks_conn):
            [(name,)] = chopsticks_conn.execute("SELECT name FROM pets").fetchall()
            assert name.rstrip("!") == "Rex"
            chopsticks_conn.execute("DELETE FROM pets")
            chopsticks_conn.commit()
        """,
    )
    outcome = scratch.pytest("--chopsticks-db")
    assert "2 passed" in outcome.output


def test_template_that_makes_no_sense(scratch: Scratch) -> None:
    scratch.write(
        "test_it.py",
        """
        import pytest

        @pytest.fixture(scope="session")
        def chopsticks_template():
            return 42

        def test_it(chopsticks_db): pass
        """,
    )
    outcome = scratch.pytest("--chopsticks-db")
    assert "chopsticks_template returned 42" in outcome.output
    assert "→ return the path of an SQL file" in outcome.output
    assert outcome.exit_status == 1


def test_default_template_is_the_canonical_schema(scratch: Scratch) -> None:
    scratch.write(
        "test_it.py",
        """
        def test_it(chopsticks_conn):
            query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            assert chopsticks_conn.execute(query).fetchone() == (13,)
        """,
    )
    outcome = scratch.pytest("--chopsticks-db")
    assert "1 passed" in outcome.output


def test_with_a_chopsticks_toml_the_template_is_what_it_migrates_to(scratch: Scratch) -> None:
    scratch.describe_altered("CREATE TABLE IF NOT EXISTS acme (one integer)")
    scratch.write(
        "test_it.py",
        """
        def test_it(chopsticks_conn):
            chopsticks_conn.execute("SELECT one FROM acme")
        """,
    )
    outcome = scratch.pytest("--chopsticks-db", "test_it.py")
    assert "1 passed" in outcome.output
