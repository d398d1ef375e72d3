"""Migrations that cannot or must not run: each is a finding, the next one is still judged."""

from __future__ import annotations

import pytest

from pytest_chopsticks.compatibility import (
    Evidence,
    Finding,
    JudgedStep,
    JudgeOptions,
    Verdict,
    judge_history,
)
from pytest_chopsticks.databases import DatabaseProvider
from tests.compatibility.conftest import Judge, WriteMigration

GOOD = "ALTER TABLE user_pets ADD mood text;"


def _failure(step: JudgedStep) -> Finding:
    (finding,) = (one for one in step.breaks if one.rule == "cannot-be-run")
    return finding


@pytest.mark.parametrize(
    ("content", "suffix", "said"),
    [
        ("-- migrate:down\nDROP TABLE x;", ".sql", "without `-- migrate:up`"),
        ("ALTER TABEL user_pets ADD x int;", ".sql", "syntax error"),
        ("def up(client:\n", ".py", "SyntaxError"),
        ("export function up(client) {", ".mjs", "SyntaxError"),
        ("description = 'no up'\n", ".py", "has no up"),
        ("export const description = 'no up'", ".mjs", "has no up"),
        ("CREATE EXTENSION not_there_at_all;", ".sql", "not_there_at_all"),
        ("DROP DATABASE postgres;", ".sql", "must not reach beyond its own database"),
        ("def up(client):\n    raise SystemExit(3)\n", ".py", "SystemExit"),
        ("export function up() { process.exit(0) }", ".mjs", "node ended before up did"),
    ],
)
def test_what_cannot_be_run_says_why(
    judge: Judge, write_migration: WriteMigration, content: str, suffix: str, said: str
) -> None:
    step = judge(write_migration(content, suffix))
    assert not step.applied
    assert said in _failure(step).message


def test_the_next_one_is_judged_without_it(judge: Judge, write_migration: WriteMigration) -> None:
    bad = write_migration("ALTER TABLE nowhere ADD x int;", version="20260401_000000")
    step = judge(bad, write_migration(GOOD, version="20260402_000000"))
    assert (step.applied, step.breaks) == (True, ())


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        ("SELECT pg_sleep(60);", ".sql"),
        ("export const up = () => new Promise((r) => setTimeout(r, 60000))", ".mjs"),
    ],
)
def test_one_that_hangs_is_ended(
    judge: Judge, write_migration: WriteMigration, content: str, suffix: str
) -> None:
    step = judge(write_migration(content, suffix), options=JudgeOptions(rows=2, time_limit=1))
    assert "did not end within 1 s" in _failure(step).message


def test_what_it_prints_is_told(judge: Judge, write_migration: WriteMigration) -> None:
    step = judge(write_migration("def up(client):\n    print('hello there')\n", ".py"))
    assert [n.message for n in step.of(Verdict.NOTED)] == ["it prints: hello there"]


def test_a_connection_of_its_own_is_told_and_leads_to_the_scratch_database(
    judge: Judge, write_migration: WriteMigration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@elsewhere.invalid/precious")
    content = """\
import os
import psycopg

def up(client):
    own = psycopg.connect(os.environ["DATABASE_URL"])
    own.execute("SELECT 1")
    client.execute("ALTER TABLE user_pets ADD mood text")
    own.close()
"""
    step = judge(write_migration(content, ".py"))
    assert "own-connection" in {finding.rule for finding in step.of(Verdict.NOT_ANALYSED)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{GOOD}\nCOMMIT;\nALTER TABLE user_pets DROP name;", "it sends COMMIT"),
        (f"BEGIN;\n{GOOD}\nCOMMIT;\nALTER TABLE user_pets DROP name;", "it sends BEGIN"),
        (
            "CREATE INDEX CONCURRENTLY i ON user_pets (name);\nALTER TABLE user_pets DROP name;",
            "cannot run inside a transaction block",
        ),
    ],
)
def test_one_that_leaves_its_transaction_unasked_breaks_and_is_judged(
    judge: Judge, write_migration: WriteMigration, text: str, said: str
) -> None:
    step = judge(write_migration(text))
    (finding,) = (one for one in step.breaks if one.rule == "no-transaction")
    assert said in finding.message
    assert "column-removed" in {finding.rule for finding in step.breaks}


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (
            "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON user_pets (name);",
            ".sql",
        ),
        (
            "export default { transaction: false, up: (client) =>"
            " client.query('CREATE INDEX CONCURRENTLY i ON user_pets (name)') }",
            ".mjs",
        ),
        (
            "transaction = False\n\ndef up(client):\n"
            "    client.execute('CREATE INDEX CONCURRENTLY i ON user_pets (name)')\n",
            ".py",
        ),
    ],
)
def test_one_that_asks_to_run_outside_a_transaction_may(
    judge: Judge, write_migration: WriteMigration, content: str, suffix: str
) -> None:
    assert judge(write_migration(content, suffix)).breaks == ()


def test_dropping_the_records_is_a_table_removed(
    judge: Judge, write_migration: WriteMigration
) -> None:
    step = judge(write_migration("DROP TABLE schema_migrations;"))
    assert ("table-removed", "schema_migrations") in {(f.rule, f.subject) for f in step.breaks}


def test_nothing_is_left_behind(
    judge: Judge, write_migration: WriteMigration, databases: DatabaseProvider
) -> None:
    before = _databases(databases)
    judge(write_migration("CREATE INDEX CONCURRENTLY i ON audit_log (user_id); SELECT 1/0;"))
    assert _databases(databases) == before


def _databases(provider: DatabaseProvider) -> set[str]:
    with provider.empty() as database, database.observe() as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
        return {name for (name,) in rows} - {database.name}


def test_what_a_program_that_cannot_run_claims_is_told_with_its_line(
    judge: Judge, write_migration: WriteMigration
) -> None:
    content = """\
export async function up(client) {
  await missing();
  await client.query('ALTER TABLE user_pets DROP COLUMN name');
}
"""
    step = judge(write_migration(content, ".mjs"))
    (claim,) = (one for one in step.breaks if one.rule == "column-removed")
    assert (claim.evidence, claim.place.line) == (Evidence.CLAIMED, 3)


def test_a_down_that_cannot_run_in_a_transaction_is_not_run_and_told(
    judge: Judge, write_migration: WriteMigration
) -> None:
    text = f"""\
-- migrate:up
{GOOD}
-- migrate:down
ALTER TABLE user_pets DROP COLUMN mood;
DROP INDEX CONCURRENTLY idx_user_pets_user;
"""
    step = judge(write_migration(text))
    (finding,) = (one for one in step.of(Verdict.NOT_ANALYSED) if one.rule == "down-not-run")
    assert "DROP INDEX CONCURRENTLY cannot run inside a transaction block" in finding.message


def test_dropping_the_schema_is_every_table_removed(
    judge: Judge, write_migration: WriteMigration
) -> None:
    step = judge(write_migration("DROP SCHEMA public CASCADE;"))
    removed = {one.subject for one in step.breaks if one.rule == "table-removed"}
    assert {"user_pets", "user_wallets", "schema_migrations"} <= removed


def test_the_records_are_there_for_a_history_whose_runner_makes_them(
    databases: DatabaseProvider, write_migration: WriteMigration
) -> None:
    file = write_migration("ALTER TABLE schema_migrations ADD COLUMN runner text;")
    (step,) = judge_history([file], databases, JudgeOptions(rows=2))
    assert step.applied


def test_those_records_have_rows_that_can_be_lost(
    databases: DatabaseProvider, write_migration: WriteMigration
) -> None:
    file = write_migration("UPDATE schema_migrations SET checksum = repeat('0', 64);")
    (step,) = judge_history([file], databases, JudgeOptions(rows=2))
    assert {(one.rule, one.subject) for one in step.breaks} == {
        ("value-changed", "schema_migrations.checksum")
    }


def test_a_program_that_cannot_run_calls_what_it_made(
    judge: Judge, write_migration: WriteMigration
) -> None:
    content = """\
def up(client):
    missing()
    client.execute("CREATE FUNCTION tidy() RETURNS void LANGUAGE sql AS 'TRUNCATE user_pets'")
    client.execute("SELECT tidy()")
"""
    step = judge(write_migration(content, ".py"))
    assert ("truncate", "user_pets") in {(one.rule, one.subject) for one in step.breaks}
    assert not [one for one in step.of(Verdict.NOT_ANALYSED) if "tidy" in one.message]


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        ("SELECT pg_terminate_backend(pg_backend_pid());", ".sql"),
        (
            "def up(client):\n    try:\n"
            "        client.execute('SELECT pg_terminate_backend(pg_backend_pid())')\n"
            "    except Exception:\n        pass\n",
            ".py",
        ),
    ],
)
def test_one_that_ends_its_own_connection_cannot_be_run(
    judge: Judge, write_migration: WriteMigration, content: str, suffix: str
) -> None:
    bad = write_migration(content, suffix, "20260401_000000")
    assert "connection" in _failure(judge(bad)).message

    step = judge(bad, write_migration(GOOD, version="20260402_000000"))
    assert (step.applied, step.breaks) == (True, ())
