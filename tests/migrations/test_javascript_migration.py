"""What a migration in JavaScript finds: npm's `pg`, without `pg`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.files import MigrationFile
from pytest_chopsticks.migrations.migration_failed import MigrationFailed
from pytest_chopsticks.migrations.run_migration import run_up

Connection = psycopg.Connection[Any]
WriteMigration = Callable[[str, str], MigrationFile]


def answer_of(body: str, connection: Connection, write_migration: WriteMigration) -> Any:
    """What `up` with this body returns, as JSON."""
    content = (
        f"const run = async (client) => {{ {body} }};\n"
        "export const up = async (client) => console.log(JSON.stringify(await run(client)));"
    )
    return json.loads(run_up(write_migration(".mjs", content), connection).output)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("query('SELECT 1 AS a, 2 AS b')", [{"a": 1, "b": 2}]),
        ("query('SELECT $1::int + $2 AS a', [1, 2])", [{"a": 3}]),
        ("query({ text: 'SELECT $1::int AS a', values: [1] })", [{"a": 1}]),
        ("query({ text: 'SELECT 1, 2', rowMode: 'array' })", [[1, 2]]),
        ("execute('SELECT 1 AS a')", [{"a": 1}]),
        ("query('CREATE TABLE x ()')", []),
    ],
)
def test_forms_of_a_query(
    call: str, expected: object, connection: Connection, write_migration: WriteMigration
) -> None:
    body = f"return (await client.{call}).rows;"
    assert answer_of(body, connection, write_migration) == expected


def test_a_callback_is_called(connection: Connection, write_migration: WriteMigration) -> None:
    body = "return new Promise((r) => client.query('SELECT 1 AS a', (e, x) => r([e, x.rows])));"
    assert answer_of(body, connection, write_migration) == [None, [{"a": 1}]]


def test_several_statements_in_one_text_give_several_results(
    connection: Connection, write_migration: WriteMigration
) -> None:
    body = (
        "const all = await client.query('CREATE TABLE x (a int); INSERT INTO x VALUES (1), (2);"
        " SELECT * FROM x');"
        "return all.map(({ command, rowCount, rows }) => [command, rowCount, rows.length]);"
    )
    expected = [["CREATE", None, 0], ["INSERT", 2, 0], ["SELECT", 2, 2]]
    assert answer_of(body, connection, write_migration) == expected


def test_queries_at_once_run_in_the_order_of_their_calls(
    connection: Connection, write_migration: WriteMigration
) -> None:
    body = (
        "const all = await Promise.all([1, 2, 3].map((n) => client.query('SELECT $1 AS n', [n])));"
        "return all.map(({ rows }) => rows[0].n);"
    )
    assert answer_of(body, connection, write_migration) == ["1", "2", "3"]


def test_an_error_has_what_pg_puts_on_it(
    connection: Connection, write_migration: WriteMigration
) -> None:
    connection.execute("CREATE TABLE x (a int CONSTRAINT positive CHECK (a > 0))")
    body = (
        "await client.query('SAVEPOINT s');"
        "try { await client.query('INSERT INTO x VALUES ($1)', [-1]); } catch (error) {"
        " await client.query('ROLLBACK TO s');"
        " const { code, constraint, table, schema, severity, name } = error;"
        " return [error instanceof Error, code, constraint, table, schema, severity, name]; }"
    )
    expected = [True, "23514", "positive", "x", "public", "ERROR", "error"]
    assert answer_of(body, connection, write_migration) == expected


def test_the_position_counts_from_the_beginning_of_the_text(
    connection: Connection, write_migration: WriteMigration
) -> None:
    body = (
        "await client.query('SAVEPOINT s');"
        "try { await client.query('SELECT 1; SELECT x'); } catch (error) {"
        " await client.query('ROLLBACK TO s'); return error.position; }"
    )
    assert answer_of(body, connection, write_migration) == "18"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("export const up = () => {\n  throw new TypeError('boo');\n};", ":2: TypeError: boo"),
        ("export const up = async () => {\n  throw 'boo';\n};", ": string: boo"),
        ("export const up = () => process.exit(0);", ": node ended before up did"),
        ("import 'no-such-package';", "Cannot find package 'no-such-package'"),
        ("export const = 1;", "SyntaxError"),
        ("export const up = () => { setTimeout(() => { throw new Error('late'); });"
         " return new Promise(() => {}); };", "Error: late"),
        ("export const up = (client) => client.query(null);", "null or undefined query"),
    ],
)  # fmt: skip
def test_migrations_that_throw(
    content: str, message: str, connection: Connection, write_migration: WriteMigration
) -> None:
    with pytest.raises(MigrationFailed) as raised:
        run_up(write_migration(".mjs", content), connection)
    assert message in str(raised.value)


def test_no_process_survives(connection: Connection, write_migration: WriteMigration) -> None:
    content = (
        "import { spawn } from 'node:child_process';\n"
        "export const up = () => { spawn('sleep', ['60'], { stdio: 'ignore' }); };"
    )
    before = set(psutil.pids())
    run_up(write_migration(".mjs", content), connection)
    mine = psutil.Process(os.getpid()).children(recursive=True)
    assert not [process for process in mine if process.name() in ("node", "sleep")]
    sleeping = [pid for pid in set(psutil.pids()) - before if command_of(pid) == ["sleep", "60"]]
    assert not sleeping


def command_of(pid: int) -> list[str]:
    try:
        process = psutil.Process(pid)
        return [] if process.status() == psutil.STATUS_ZOMBIE else process.cmdline()
    except psutil.Error:
        return []


def test_without_node(
    connection: Connection, write_migration: WriteMigration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    run_up(write_migration(".sql", "SELECT 1;"), connection)
    with pytest.raises(MigrationFileError, match=r"there is no `node`(.|\n)*Install Node\.js 18"):
        run_up(write_migration(".mjs", "export const up = () => {};"), connection)


def test_a_node_that_is_too_old(
    tmp_path: Path,
    connection: Connection,
    write_migration: WriteMigration,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = tmp_path / "old.cjs"
    old.write_text(
        "Object.defineProperty(process, 'versions', { value: { ...process.versions,"
        " node: '16.20.2' } });"
    )
    monkeypatch.setenv("NODE_OPTIONS", f"--require {old}")
    with pytest.raises(MigrationFileError, match=r"Node\.js 16\.20\.2\n.*Install Node\.js 18"):
        run_up(write_migration(".mjs", "export const up = () => {};"), connection)
