"""What cannot be used is told once: what, where, and what to do. It is no one's failure.

Nothing may be left behind either, which the `scratch` fixture sees to.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS
from tests.plugin.scratch import REFERENCE, Outcome, Scratch

SOME = ("-k", "test_table or test_recorded or test_concurrent")


def judge(scratch: Scratch, *arguments: str) -> Outcome:
    return scratch.judge(*(arguments or SOME))


def expect_error(outcome: Outcome, *texts: str, exit_status: int = 1) -> None:
    """Expect the suite's own trouble, told in these words, the first of them not again and again.

    Once where pytest says what went wrong, and once at most in the conformance section.
    """
    assert outcome.exit_status == exit_status, outcome.output
    assert outcome.report["result"] == "error"
    assert outcome.report["counts"]["failed"] == 0
    assert outcome.report["counts"]["passed"] == 0
    for text in texts:
        assert text in outcome.output
    told, _, _ = outcome.output.partition("short test summary info")
    pytest_s, _, ours = told.partition("Chopsticks conformance")
    assert pytest_s.count(texts[0]) == 1
    assert ours.count(texts[0]) <= 1
    assert "INTERNALERROR" not in outcome.output
    assert "_pytest/" not in ours


def test_no_server_to_be_had(scratch: Scratch) -> None:
    scratch.describe_reference()
    options = ("--chopsticks-server=local", "--chopsticks-pg-bin=/nonexistent")
    outcome = scratch.judge(*options, *SOME)
    assert outcome.report["server"] is None
    expect_error(
        outcome, "No local PostgreSQL: /nonexistent: there is no such directory\n  → name a"
    )


@pytest.mark.parametrize("ci", ["", "true"], ids=["at-a-terminal", "in-ci"])
def test_no_server_for_tests_of_the_host(ci: str, scratch: Scratch) -> None:
    """In CI pytest itself repeats whole messages in its short summary."""
    scratch.write("test_host.py", "def test_of_the_host(chopsticks_db): pass")
    options = ("--chopsticks-server=local", "--chopsticks-pg-bin=/nonexistent")
    outcome = scratch.pytest("--chopsticks-db", *options, CI=ci)
    message = "No local PostgreSQL: /nonexistent: there is no such directory\n  → name a"
    told, _, summary = outcome.output.partition("short test summary info")
    assert told.count(message) == 1
    assert summary.count(message) == bool(ci)
    assert "fixtures.py" not in outcome.output
    assert "1 error" in outcome.output
    assert outcome.exit_status == 1


def test_no_server_for_workers(scratch: Scratch) -> None:
    scratch.describe_reference()
    options = ("--chopsticks-server=local", "--chopsticks-pg-bin=/nonexistent", "-n", "2")
    outcome = scratch.judge(*options, *SOME)
    assert outcome.report["result"] == "error"
    assert outcome.report["counts"]["failed"] == 0
    assert outcome.exit_status == 1
    assert "No local PostgreSQL: /nonexistent: there is no such directory" in outcome.output


@pytest.mark.parametrize(
    ("content", "complaint", "advice"),
    [
        ("[implementation", "chopsticks.toml is not TOML: Expected ']'", "→ Strings need quotes"),
        (
            '[implementation]\nname = "acme"\nmigrat = "true"',
            'chopsticks.toml:3: [implementation] unknown key "migrat"',
            '→ Did you mean "migrate"?',
        ),
        (
            '[implementation]\nname = "acme"\nmigrate = "true"\nmigrations = "nowhere"',
            'chopsticks.toml:4: [implementation] migrations = "nowhere" is not a directory',
            "→ Name the directory of migration files",
        ),
        ('[implementation]\nname = "acme"', "none of migrate, python and command", "→ Say which"),
        ("", "[implementation] name is missing", "→ Reports need"),
    ],
    ids=["not-toml", "unknown-key", "no-directory", "nothing-to-run", "empty"],
)
def test_chopsticks_toml_that_cannot_be_understood(
    content: str, complaint: str, advice: str, scratch: Scratch
) -> None:
    """Nothing is collected from it, which pytest calls an interruption."""
    scratch.write("chopsticks.toml", content)
    outcome = judge(scratch)
    [error] = outcome.report["errors"]
    assert complaint in error
    assert str(scratch.root / "chopsticks.toml") in error
    assert outcome.report["requirements"] == []
    expect_error(outcome, complaint, advice, exit_status=pytest.ExitCode.INTERRUPTED)


def test_chopsticks_toml_that_no_worker_understands(scratch: Scratch) -> None:
    scratch.write("chopsticks.toml", "[implementation")
    outcome = judge(scratch, "-n", "2")
    told, _, _ = outcome.output.partition("short test summary info")
    assert told.count("Expected ']'") == 1
    assert outcome.report["result"] == "error"
    assert outcome.exit_status != 0


@pytest.mark.parametrize(
    ("python", "complaint", "advice"),
    [
        ("acme.nowhere:Driver", "the module acme.nowhere does not import", "→ Looked in"),
        ("acme_broken:Driver", "SyntaxError: invalid syntax", "-c 'import acme_broken'"),
        ("acme_driver:Drivr", "has no Drivr", "→ Did you mean Driver?"),
        ("acme_driver:number", "number is 'int', not a class", "→ Name a class"),
    ],
    ids=["no-module", "broken-module", "no-class", "no-class-but"],
)
def test_driver_that_cannot_be_had(
    python: str, complaint: str, advice: str, scratch: Scratch
) -> None:
    scratch.write("acme_broken.py", "import")
    scratch.write("acme_driver.py", "number = 1\nclass Driver: pass")
    scratch.describe(python=python)
    outcome = judge(scratch)
    assert outcome.report["implementation"]["name"] == "acme-bot"
    expect_error(outcome, complaint, advice, f'python = "{python}"')


@pytest.mark.parametrize(
    ("migrate", "complaint", "advice"),
    [
        ("echo no such table; exit 3", "ended with exit status 3\n", "no such table"),
        ("echo waiting; sleep 30", "did not end within 0.5 s and was stopped", "waiting"),
        (r"printf '\377\000\033[31mboo'; exit 1", "ended with exit status 1\n", "boo"),
        ("acme-migrate", "could not be run (exit status 127)", "→ Is the program installed"),
        ("kill -SEGV $$", "was ended by SIGSEGV", "→ It crashed"),
    ],
    ids=["fails", "hangs", "garbage", "not-found", "crashes"],
)
def test_migrate_command_that_does_not_migrate(
    migrate: str, complaint: str, advice: str, scratch: Scratch
) -> None:
    scratch.describe(migrate=migrate)
    outcome = judge(scratch, "--chopsticks-time-limit=0.5", "-k", "test_table or test_repeatable")
    expect_error(outcome, complaint, advice, f"`{migrate}`")
    assert "\0" not in outcome.output
    assert "\033[31m" not in outcome.output


def test_python_migration_with_a_syntax_error(scratch: Scratch) -> None:
    migrations = scratch.root / "migrations"
    shutil.copytree(CANONICAL_MIGRATIONS, migrations)
    scratch.write("migrations/20990101_000000_broken.py", "def up(client:")
    scratch.write(
        "acme_driver.py",
        f"""
        from pytest_chopsticks.bundled.reference_impl import Implementation as Reference

        class Implementation(Reference):
            def migrate(self, migrations=None):
                return super().migrate(migrations or {str(migrations)!r})
        """,
    )
    scratch.describe(python="acme_driver:Implementation", migrations="migrations")
    outcome = judge(scratch)
    expect_error(
        outcome,
        "the implementation refused to migrate an empty database",
        "20990101_000000_broken.py, line 1",
        "→ Nothing can be judged before this works",
    )


def test_sql_migration_with_a_syntax_error(scratch: Scratch) -> None:
    scratch.write("migrations/20990101_000000_broken.sql", "CREATE TABEL x ();")
    program = "import psycopg, sys; psycopg.connect('').execute(open(sys.argv[1]).read())"
    scratch.write("migrate.py", program)
    scratch.describe(
        migrate="python migrate.py {migrations}/20990101_000000_broken.sql",
        migrations="migrations",
    )
    outcome = judge(scratch)
    expect_error(outcome, 'syntax error at or near "TABEL"', "ended with exit status 1")


def test_database_that_already_has_tables(scratch: Scratch) -> None:
    """The reference runner does not guess how they came to be there."""
    scratch.write(
        "acme_driver.py",
        """
        import psycopg
        from pytest_chopsticks.bundled.reference_impl import Implementation as Reference

        class Implementation(Reference):
            def migrate(self, migrations=None):
                with psycopg.connect(self._database.dsn) as connection:
                    connection.execute("CREATE TABLE IF NOT EXISTS leftover ()")
                return super().migrate(migrations)
        """,
    )
    scratch.describe(python="acme_driver:Implementation")
    outcome = judge(scratch)
    expect_error(outcome, "the database has tables (leftover)", "start from an empty database")


def test_directory_without_migrations(scratch: Scratch) -> None:
    """What the files are needed for cannot pass by looking at none."""
    (scratch.root / "migrations").mkdir()
    scratch.describe(python=REFERENCE, migrations="migrations")
    tests = (
        "name", "has_up", "recorded",
        "edited_file_is_refused", "deleted_file_is_noticed", "failure_is_atomic",
    )  # fmt: skip
    outcome = scratch.judge(*(f"chopsticks.toml::migrations::test_{test}" for test in tests))
    expect_error(outcome, "migrations has no migration files", "→ `migrations` in chopsticks.toml")
    assert set(outcome.ran.values()) == {"error"}


def test_template_that_fails_names_file_and_error(scratch: Scratch) -> None:
    path = Path(scratch.write("pets.sql", "CREATE TABEL pets ()"))
    scratch.write(
        "test_host.py",
        """
        import pytest

        @pytest.fixture(scope="session")
        def chopsticks_template():
            return "pets.sql"

        def test_of_the_host(chopsticks_db): pass
        """,
    )
    outcome = scratch.pytest("--chopsticks-db")
    assert f'{path.name}: syntax error at or near "TABEL"' in outcome.output
    assert "provider.py" not in outcome.output
    assert outcome.exit_status == 1
