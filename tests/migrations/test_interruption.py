"""A statement more after any statement of `up`, in every language, seen on a real database."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from pytest_chopsticks.databases import Database
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.editions import Interrupted, edition
from pytest_chopsticks.migrations.files import MigrationFile, list_migrations
from pytest_chopsticks.migrations.interruption import FAILING_STATEMENT, Interruption
from pytest_chopsticks.migrations.migration_failed import MigrationFailed
from pytest_chopsticks.migrations.run_migration import run_up
from pytest_chopsticks.migrations.sent_statements import SentStatement, sent_statements

NAME = "20260101_000000_notes"
SENT = [
    "CREATE TABLE notes (n int)",
    "INSERT INTO notes VALUES (1)",
    "INSERT INTO notes VALUES (2)",
]
SQL = "-- migrate:up\n{0} -- first; of three\n;\n{1};\n{2}\n-- migrate:down\nDROP TABLE notes;\n"
PYTHON = "def up(client):\n    client.execute('{0}')\n    client.execute('{1}; {2}')\n"
ASYNC = "async def up(client):\n    await client.query('{0}')\n    await client.query('{1}; {2}')\n"
UP = "async up(client) {{ await client.query('{0}'); await client.query('{1}; {2}'); }}"
SOURCES = [
    (".sql", SQL),
    (".py", PYTHON),
    (".py", ASYNC),
    (".mjs", f"export default {{{{ {UP} }}}};"),
    (".mjs", f"export async function {UP.removeprefix('async ')}"),
    (".cjs", f"module.exports = {{{{ {UP} }}}};"),
]
CATCHING = [
    (
        ".py",
        "def up(client):\n    for text in ('{0}', '{1}', '{2}'):\n        try:\n"
        "            client.execute(text)\n        except Exception:\n            pass\n",
    ),
    (
        ".mjs",
        "export const up = async (client) => {{ for (const text of ['{0}', '{1}', '{2}'])"
        " await client.query(text).catch(() => {{}}); }};",
    ),
]


@pytest.mark.parametrize(("suffix", "source"), SOURCES)
def test_every_statement_is_a_place(
    suffix: str, source: str, tmp_path: Path, connection: psycopg.Connection
) -> None:
    file = written(tmp_path, suffix, source)

    sent = sent_statements(file, connection)

    assert [" ".join(one.text.split()) for one in sent] == SENT
    assert [one.number for one in sent] == [1, 2, 3]
    assert connection.execute("SELECT to_regclass('notes')").fetchone() == (None,)


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize(("suffix", "source"), SOURCES)
def test_it_fails_after_that_statement(
    suffix: str, source: str, after: int, tmp_path: Path, database: Database
) -> None:
    """Each statement being committed shows how far it came."""
    file = written(tmp_path, suffix, source)
    with database.connect() as connection:
        place = sent_statements(file, connection)[after - 1]

    with pytest.raises(MigrationFailed, match="chopsticks_injected_failure"):
        run_interrupted(file, Interruption(FAILING_STATEMENT, place), database)

    assert rows_of_notes(database) == after - 1


@pytest.mark.parametrize(("suffix", "source"), [one for one in SOURCES if one[0] != ".sql"])
def test_a_program_throws_without_the_database_knowing(
    suffix: str, source: str, tmp_path: Path, database: Database
) -> None:
    file = written(tmp_path, suffix, source)
    first = SentStatement(1, 1, SENT[0])

    with pytest.raises(MigrationFailed, match="chopsticks_injected_failure") as raised:
        run_interrupted(file, Interruption(FAILING_STATEMENT, first, throws=True), database)

    assert raised.value.sqlstate is None
    assert rows_of_notes(database) == 0


@pytest.mark.parametrize(("suffix", "source"), CATCHING)
def test_a_migration_that_catches_everything_fails_all_the_same(
    suffix: str, source: str, tmp_path: Path, database: Database
) -> None:
    file = written(tmp_path, suffix, source)

    with pytest.raises(MigrationFailed, match="chopsticks_injected_failure"):
        run_interrupted(
            file, Interruption(FAILING_STATEMENT, SentStatement(1, 1, SENT[0])), database
        )

    assert rows_of_notes(database) == 0


@pytest.mark.parametrize(("suffix", "source"), SOURCES)
def test_after_a_statement_that_does_not_fail_it_goes_on(
    suffix: str, source: str, tmp_path: Path, database: Database
) -> None:
    file = written(tmp_path, suffix, source)
    with database.connect() as connection:
        place = sent_statements(file, connection)[1]

    run_interrupted(file, Interruption("INSERT INTO notes VALUES (3)", place), database)

    assert rows_of_notes(database) == 3


def test_nothing_behind_a_commit_of_its_own_is_a_place(
    tmp_path: Path, connection: psycopg.Connection
) -> None:
    text = "BEGIN; SELECT 1; SAVEPOINT s; ROLLBACK TO s; COMMIT; SELECT 2;"
    file = written(tmp_path, ".sql", text)

    sent = sent_statements(file, connection)

    assert [one.text for one in sent] == ["BEGIN", "SELECT 1", "SAVEPOINT s", "ROLLBACK TO s"]


def test_what_cannot_run_in_a_transaction_is_told_by_its_sqlstate(
    tmp_path: Path, connection: psycopg.Connection
) -> None:
    file = written(tmp_path, ".sql", "CREATE INDEX CONCURRENTLY ON pg_class (relname);")

    with pytest.raises(MigrationFileError) as raised:
        sent_statements(file, connection)

    assert isinstance(raised.value, MigrationFailed)
    assert raised.value.sqlstate == "25001"


def written(directory: Path, suffix: str, source: str) -> MigrationFile:
    path = directory / "project" / "migrations" / f"{NAME}{suffix}"
    path.parent.mkdir(parents=True)
    path.write_text(source.format(*SENT) if "{0}" in source else source)
    return MigrationFile(path.name, path)


def run_interrupted(file: MigrationFile, interruption: Interruption, database: Database) -> None:
    """Run the edited copy, each of its statements, or texts of several, being committed."""
    with (
        edition(file.path.parent, Interrupted(file.name, interruption)) as edited,
        database.connect(autocommit=True) as connection,
    ):
        run_up(list_migrations(edited)[0], connection, one_by_one=True)


def rows_of_notes(database: Database) -> int:
    with database.connect() as connection:
        row = connection.execute("SELECT count(*) FROM notes").fetchone()
    assert row is not None
    return int(row[0])
