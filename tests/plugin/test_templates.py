"""Templates of every kind, and what of them is used again by the next run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.scratch import Outcome, Scratch

COMMAND = """
    import pytest
    from pytest_chopsticks import Command

    @pytest.fixture(scope="session")
    def chopsticks_template():
        return Command("sh build.sh", {arguments})
"""
TEST = """
    def test_it(chopsticks_conn):
        assert chopsticks_conn.execute("SELECT name FROM pets").fetchall() == [("Rex",)]
"""
#: Makes the schema through a driver of its own choice, and notes that it was run.
BUILD = """\
echo run >> built
python -c "import os, psycopg
with psycopg.connect(os.environ['DATABASE_URL']) as connection:
    connection.execute(open('pets.sql').read())"
"""
PETS = "CREATE TABLE pets (name text); INSERT INTO pets VALUES ('Rex');"


@pytest.fixture
def cache(scratch: Scratch, tmp_path_factory: pytest.TempPathFactory, clusters: Path) -> Path:
    """Where states are saved; initialised clusters come from the cache that all tests share."""
    return clusters / "states"


def with_command(scratch: Scratch, arguments: str = 'inputs=["*.sql"]') -> None:
    scratch.write("conftest.py", COMMAND.format(arguments=arguments))
    scratch.write("build.sh", BUILD)
    scratch.write("pets.sql", PETS)
    scratch.write("test_it.py", TEST)


def builds(scratch: Scratch) -> int:
    built = scratch.root / "built"
    return len(built.read_text().splitlines()) if built.exists() else 0


def passes(scratch: Scratch, *options: str) -> Outcome:
    outcome = scratch.pytest("--chopsticks-db", *options)
    assert "1 passed" in outcome.output, outcome.output
    return outcome


def test_next_run_does_not_build_what_the_last_one_built(scratch: Scratch) -> None:
    with_command(scratch)
    passes(scratch)
    passes(scratch)
    assert builds(scratch) == 1


def test_saved_state_is_entered_with_a_new_password(scratch: Scratch) -> None:
    with_command(scratch)
    scratch.write(
        "test_it.py",
        """
        import psycopg

        def test_it(chopsticks_db):
            with psycopg.connect(chopsticks_db.url) as connection:
                assert connection.execute("SELECT name FROM pets").fetchone() == ("Rex",)
        """,
    )
    passes(scratch, "--chopsticks-tcp")
    passes(scratch, "--chopsticks-tcp")
    assert builds(scratch) == 1


def test_changed_source_is_built_again(scratch: Scratch) -> None:
    with_command(scratch)
    passes(scratch)
    scratch.write("more.sql", "")
    passes(scratch)
    scratch.write("conftest.py", COMMAND.format(arguments='inputs=["*.sql"], env={"MODE": "b"}'))
    passes(scratch)
    assert builds(scratch) == 3


def test_fresh_run_builds_anew(scratch: Scratch) -> None:
    with_command(scratch)
    passes(scratch)
    passes(scratch, "--chopsticks-fresh")
    assert builds(scratch) == 2


def test_command_without_declared_inputs_is_run_every_time(scratch: Scratch) -> None:
    with_command(scratch, "")
    passes(scratch)
    passes(scratch)
    assert builds(scratch) == 2


def test_workers_share_what_the_last_run_built(scratch: Scratch) -> None:
    with_command(scratch)
    scratch.write("test_other.py", TEST)
    assert "2 passed" in scratch.pytest("--chopsticks-db", "-n2").output
    assert "2 passed" in scratch.pytest("--chopsticks-db", "-n2").output
    assert builds(scratch) == 1


def test_state_that_no_server_starts_from_is_made_again(scratch: Scratch, cache: Path) -> None:
    """Intact by its checksum, and yet no cluster."""
    from pytest_chopsticks.servers.archive import pack

    with_command(scratch)
    before = set(cache.iterdir()) if cache.exists() else set()
    passes(scratch)
    [saved] = set(cache.iterdir()) - before
    saved.write_bytes(pack(scratch.root))
    passes(scratch)
    passes(scratch)
    assert builds(scratch) == 2


def test_nothing_else_of_a_run_is_in_the_next(scratch: Scratch) -> None:
    """Neither databases, nor what was written to the one that is nobody's."""
    with_command(scratch)
    scratch.write(
        "test_it.py",
        """
        def test_it(chopsticks_db):
            with chopsticks_db.observe(dbname="postgres", autocommit=True) as connection:
                databases = "SELECT count(*) FROM pg_database WHERE datname !~ '_template_'"
                # template0, template1, postgres, the test's own, and a spare one perhaps
                assert connection.execute(databases).fetchone()[0] <= 5
                connection.execute("CREATE TABLE mine (one integer)")
            with chopsticks_db.connect(autocommit=True) as connection:
                connection.execute("ALTER ROLE chopsticks_app SET work_mem = '1MB'")
        """,
    )
    passes(scratch)
    passes(scratch)
    assert builds(scratch) == 1


def test_failing_command_is_told_with_its_output(scratch: Scratch) -> None:
    with_command(scratch)
    scratch.write("build.sh", "echo no such migration; echo $PGPASSWORD; exit 3")
    outcome = scratch.pytest("--chopsticks-db", "--chopsticks-tcp")
    assert "`sh build.sh`, run in" in outcome.output
    assert "ended with exit status 3; its output:" in outcome.output
    assert "    no such migration\n    ***\n" in outcome.output
    assert outcome.exit_status == 1


def test_hanging_command_is_stopped(scratch: Scratch) -> None:
    with_command(scratch, "time_limit=0.3")
    scratch.write("build.sh", "echo started; sleep 60")
    outcome = scratch.pytest("--chopsticks-db")
    assert "did not end within 0.3 s and was stopped; its output:\n    started" in outcome.output


def test_inputs_that_match_nothing_are_refused(scratch: Scratch) -> None:
    with_command(scratch, 'inputs=["migrations/*.sql"]')
    outcome = scratch.pytest("--chopsticks-db")
    assert f"inputs: nothing in {scratch.root} matches 'migrations/*.sql'" in outcome.output


@pytest.mark.parametrize(("inputs", "times"), [((), 2), (("pets.sql",), 1)])
def test_function_lasts_if_its_inputs_are_declared(
    inputs: tuple[str, ...], times: int, scratch: Scratch
) -> None:
    scratch.write("pets.sql", PETS)
    scratch.write(
        "conftest.py",
        f"""
        from pathlib import Path
        import pytest
        from pytest_chopsticks import BuiltBy

        def build(database):
            with Path("built").open("a") as built:
                built.write("run\\n")
            with database.connect() as connection:
                connection.execute(Path("pets.sql").read_text())

        @pytest.fixture(scope="session")
        def chopsticks_template():
            return BuiltBy(build, inputs={inputs!r})
        """,
    )
    scratch.write("test_it.py", TEST)
    passes(scratch)
    passes(scratch)
    assert builds(scratch) == times


def test_alembic_upgrades_to_the_head(scratch: Scratch) -> None:
    with_alembic(scratch)
    passes(scratch)
    passes(scratch)
    assert builds(scratch) == 1


def test_new_alembic_migration_is_run(scratch: Scratch) -> None:
    with_alembic(scratch)
    passes(scratch)
    scratch.write("db/versions/b.py", MIGRATION.format(revision="b", down="a", sql="SELECT 1"))
    passes(scratch)
    assert builds(scratch) == 3


def test_failing_alembic_migration_is_told(scratch: Scratch) -> None:
    with_alembic(scratch)
    scratch.write("db/versions/a.py", MIGRATION.format(revision="a", down="", sql="NONSENSE"))
    outcome = scratch.pytest("--chopsticks-db")
    assert "`alembic upgrade head`, run in" in outcome.output
    assert 'syntax error at or near "NONSENSE"' in outcome.output


def test_alembic_without_its_configuration(scratch: Scratch) -> None:
    with_alembic(scratch)
    (scratch.root / "alembic.ini").unlink()
    outcome = scratch.pytest("--chopsticks-db")
    assert "alembic.ini: [Errno 2] No such file" in outcome.output


MIGRATION = """
    from alembic import op

    revision = "{revision}"
    down_revision = "{down}" or None

    def upgrade():
        with open("built", "a") as built:
            built.write("run\\n")
        op.execute("{sql}")
"""


def with_alembic(scratch: Scratch) -> None:
    scratch.write("alembic.ini", "[alembic]\nscript_location = %(here)s/db\n")
    scratch.write(
        "db/env.py",
        """
        from alembic import context
        from sqlalchemy import engine_from_config

        section = context.config.get_section("alembic")
        with engine_from_config(section, prefix="sqlalchemy.").connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """,
    )
    scratch.write("db/versions/a.py", MIGRATION.format(revision="a", down="", sql=PETS))
    scratch.write(
        "conftest.py",
        """
        import pytest
        from pytest_chopsticks import Alembic

        @pytest.fixture(scope="session")
        def chopsticks_template():
            return Alembic("alembic.ini")
        """,
    )
    scratch.write("test_it.py", TEST)


def test_migrations_of_a_target_are_run_again_when_they_change(scratch: Scratch) -> None:
    scratch.write("migrations/1.sql", PETS)
    scratch.write("build.sh", BUILD.replace("pets.sql", "migrations/1.sql"))
    scratch.describe(migrate="sh build.sh", migrations="migrations")
    scratch.write("test_it.py", TEST)
    passes(scratch, "test_it.py")
    passes(scratch, "test_it.py")
    assert builds(scratch) == 1
    scratch.write("migrations/1.sql", f"{PETS} CREATE TABLE toys (name text);")
    passes(scratch, "test_it.py")
    assert builds(scratch) == 2


def test_changed_program_of_a_target_is_run_again(scratch: Scratch) -> None:
    scratch.describe_altered("CREATE TABLE IF NOT EXISTS pets AS SELECT 'Rex' AS name")
    scratch.write("test_it.py", TEST)
    passes(scratch, "test_it.py")
    scratch.describe_altered("CREATE TABLE IF NOT EXISTS pets AS SELECT 'Tom' AS name")
    assert "[('Tom',)]" in scratch.pytest("--chopsticks-db", "test_it.py").output


def test_target_whose_inputs_are_unknown_is_migrated_every_time(scratch: Scratch) -> None:
    scratch.write("pets.sql", PETS)
    scratch.write("build.sh", BUILD)
    scratch.describe(migrate="sh build.sh")
    scratch.write("test_it.py", TEST)
    passes(scratch, "test_it.py")
    passes(scratch, "test_it.py")
    assert builds(scratch) == 2
