"""Migrations in every language, run statement by statement in the caller's transaction."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.databases import Database
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.migrations.migration_failed import MigrationFailed
from pytest_chopsticks.migrations.recording_client import RecordedStatement
from pytest_chopsticks.migrations.run_migration import run_down, run_up

Connection = psycopg.Connection[Any]
WriteMigration = Callable[[str, str], MigrationFile]

IN_EVERY_LANGUAGE = {
    ".sql": """
        -- migrate:up
        CREATE TABLE a (id integer);
        INSERT INTO a VALUES (1), (2);
        -- migrate:down
        DROP TABLE a;
    """,
    ".py": """
def up(client):
    client.execute("CREATE TABLE a (id integer)")
    client.query("INSERT INTO a VALUES ($1), ($2)", [1, 2])
def down(client):
    client.execute("DROP TABLE a")
""",
    ".mjs": """
export default {
  up: async (client) => {
    await client.query('CREATE TABLE a (id integer)');
    await client.query('INSERT INTO a VALUES ($1), ($2)', [1, 2]);
  },
  down: (client) => client.query({ text: 'DROP TABLE a' }),
};
""",
    ".cjs": """
exports.up = async (client) =>
  client.query('CREATE TABLE a (id integer); INSERT INTO a VALUES (1), (2)');
exports.down = async (client) => client.execute('DROP TABLE a');
""",
}
FAILING = {
    ".sql": "SELECT 1;\nSELECT 'a',\n  1/0;\n",
    ".py": "def up(client):\n    client.execute('SELECT 1')\n    client.execute('SELECT 1/0')\n",
    ".mjs": "export async function up(client) {\n  await client.query('SELECT 1');\n"
    "  await client.query('SELECT 1/0');\n}\n",
}


class FailAfter:
    """Lets a migration fail after its n-th statement."""

    def __init__(self, number: int) -> None:
        self.number = number

    def before(self, text: str) -> None: ...

    def after(self, statement: RecordedStatement) -> None:
        if statement.number == self.number:
            raise RuntimeError("injected")


@pytest.mark.parametrize("suffix", IN_EVERY_LANGUAGE)
def test_up_and_down_in_every_language(
    suffix: str, connection: Connection, write_migration: WriteMigration
) -> None:
    file = write_migration(suffix, IN_EVERY_LANGUAGE[suffix])
    sent = run_up(file, connection).statements
    assert connection.execute("SELECT count(*) FROM a").fetchone() == (2,)
    assert [(one.number, one.text.split()[0], one.row_count) for one in sent] == [
        (1, "CREATE", None),
        (2, "INSERT", 2),
    ]
    run_down(file, connection)
    assert connection.execute("SELECT to_regclass('a')").fetchone() == (None,)


@pytest.mark.parametrize("suffix", IN_EVERY_LANGUAGE)
def test_the_caller_can_take_everything_back(
    suffix: str, connection: Connection, write_migration: WriteMigration
) -> None:
    run_up(write_migration(suffix, IN_EVERY_LANGUAGE[suffix]), connection)
    connection.rollback()
    assert connection.execute("SELECT to_regclass('a')").fetchone() == (None,)


@pytest.mark.parametrize("suffix", IN_EVERY_LANGUAGE)
def test_a_failure_can_be_injected_after_any_statement(
    suffix: str, connection: Connection, write_migration: WriteMigration
) -> None:
    file = write_migration(suffix, IN_EVERY_LANGUAGE[suffix])
    with pytest.raises(RuntimeError, match="injected"):
        run_up(file, connection, [FailAfter(1)])
    assert connection.execute("SELECT count(*) FROM a").fetchone() == (0,)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".py", "def up(c):\n for s in ('SELECT 1', 'CREATE TABLE b ()'):\n"
         "  try: c.execute(s)\n  except Exception: pass\n"),
        (".mjs", "export const up = async (c) => {\n"
         "for (const s of ['SELECT 1', 'CREATE TABLE b ()']) await c.query(s).catch(() => {}); }"),
    ],
)  # fmt: skip
def test_no_migration_catches_an_injected_failure(
    suffix: str, content: str, connection: Connection, write_migration: WriteMigration
) -> None:
    with pytest.raises(RuntimeError, match="injected"):
        run_up(write_migration(suffix, content), connection, [FailAfter(1)])
    assert connection.execute("SELECT to_regclass('b')").fetchone() == (None,)


@pytest.mark.parametrize("suffix", FAILING)
def test_a_failure_names_file_and_line_and_what_was_sent(
    suffix: str, connection: Connection, write_migration: WriteMigration
) -> None:
    file = write_migration(suffix, FAILING[suffix])
    with pytest.raises(MigrationFailed, match=f"a\\{suffix}:[23]: .*division by zero") as raised:
        run_up(file, connection)
    assert raised.value.sqlstate == "22012"
    assert [one.error is None for one in raised.value.statements] == [True, False]


def test_a_syntax_error_in_sql_is_found_on_its_own_line(
    connection: Connection, write_migration: WriteMigration
) -> None:
    file = write_migration(".sql", "-- migrate:up\nSELECT 1;\n\n-- b\nSELECT 'a',\n  FROM 'x';\n")
    with pytest.raises(MigrationFailed, match=r"a\.sql:6: syntax error"):
        run_up(file, connection)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".py", "print('hello')\ndef up(client): print('world')"),
        (".mjs", "console.log('hello'); export const up = () => console.error('world');"),
    ],
)
def test_what_a_migration_prints_is_kept(
    suffix: str,
    content: str,
    connection: Connection,
    write_migration: WriteMigration,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run_up(write_migration(suffix, content), connection).output == "hello\nworld\n"
    assert capfd.readouterr() == ("", "")


def test_a_coroutine_function_is_awaited(
    connection: Connection, write_migration: WriteMigration
) -> None:
    content = "async def up(client):\n    await client.execute('CREATE TABLE a ()')\n"
    run_up(write_migration(".py", content), connection)
    assert connection.execute("SELECT to_regclass('a')").fetchone() == ("a",)


def test_a_python_migration_may_define_dataclasses(
    connection: Connection, write_migration: WriteMigration
) -> None:
    content = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass A:\n    sql: str\n"
        "def up(client):\n    client.execute(A('SELECT 1').sql)\n"
    )
    before = set(sys.modules)
    sent = run_up(write_migration(".py", content), connection).statements
    assert [one.text for one in sent] == ["SELECT 1"]
    assert not [name for name in set(sys.modules) - before if "20260101" in name]


def test_a_python_migration_leaves_no_bytecode(
    tmp_path: Path,
    connection: Connection,
    write_migration: WriteMigration,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "its_neighbour_of_test_run.py").write_text("statement = 'SELECT 1'")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    content = "import its_neighbour_of_test_run as n\ndef up(client): client.execute(n.statement)\n"
    file = write_migration(".py", content)
    run_up(file, connection)
    assert not list(tmp_path.rglob("*.pyc"))


@pytest.mark.parametrize("suffix", [".sql", ".py", ".mjs", ".cjs"])
def test_a_file_without_down(
    suffix: str, connection: Connection, write_migration: WriteMigration
) -> None:
    content = {".sql": "SELECT 1;", ".py": "def up(c): ...", ".mjs": "export const up = () => {};"}
    with pytest.raises(MigrationFileError, match=rf"20260101_000000_a\{suffix} has no down"):
        run_down(write_migration(suffix, content.get(suffix, "exports.up = () => {};")), connection)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".sql", "SELECT pg_sleep(60);"),
        (".py", "def up(client): client.execute('SELECT pg_sleep(60)')"),
        (".mjs", "export const up = (client) => client.query('SELECT pg_sleep(60)');"),
        (".mjs", "export const up = () => { for (;;); };"),
        (".mjs", "export const up = () => new Promise(() => setInterval(() => {}, 9));"),
        (".mjs", "await new Promise(() => setInterval(() => {}, 9)); export const up = 1;"),
    ],
)
def test_a_migration_that_hangs_is_ended(
    suffix: str, content: str, connection: Connection, write_migration: WriteMigration
) -> None:
    file = write_migration(suffix, content)
    with pytest.raises(MigrationFailed, match=r"up did not end within 0\.5 s"):
        run_up(file, connection, time_limit=0.5)


def test_a_failed_statement_that_nothing_noticed(
    connection: Connection, write_migration: WriteMigration
) -> None:
    content = "export const up = async (client) => client.query('SELECT 1/0').catch(() => {});"
    with pytest.raises(MigrationFailed, match=r"a statement in it failed.*division by zero"):
        run_up(write_migration(".mjs", content), connection)


def test_several_statements_outside_a_transaction_stay_together(
    database: Database, write_migration: WriteMigration
) -> None:
    """The server runs one text as one transaction, so CONCURRENTLY is refused in it."""
    content = "CREATE TABLE a (id integer); CREATE INDEX CONCURRENTLY ON a (id);"
    with (
        database.connect(autocommit=True) as connection,
        pytest.raises(MigrationFailed, match="cannot run inside a transaction block"),
    ):
        run_up(write_migration(".sql", content), connection)


def test_observers_are_called_around_every_statement(
    connection: Connection, write_migration: WriteMigration
) -> None:
    seen: list[str] = []

    class Watch:
        def before(self, text: str) -> None:
            seen.append(f"before {text}")

        def after(self, statement: RecordedStatement) -> None:
            seen.append(f"after {statement.text}")

    run_up(write_migration(".sql", "SELECT 1; SELECT 2;"), connection, [Watch()])
    assert seen == ["before SELECT 1", "after SELECT 1", "before SELECT 2", "after SELECT 2"]
