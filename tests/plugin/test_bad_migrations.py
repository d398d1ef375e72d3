"""One bad file in a history: the suite ends, says which file and what, and judges the rest."""

from __future__ import annotations

import shutil

import pytest

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS

from .scratch import Outcome, Scratch

VERSION = "20990101_000000"
BAD = f"migrations/{VERSION}_bad.py"
DRIVER = """
from pathlib import Path
from pytest_chopsticks.bundled.reference_impl import Implementation as Reference

class Implementation(Reference):
    def migrate(self, migrations=None):
        return super().migrate(migrations or str(Path(__file__).with_name("migrations")))
"""
ATOMIC, HAS_UP = "migrations.failure-is-atomic", "migrations.has-up"


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("description = 'bad'", "Actual:   it has none"),
        ("def up(client:", f"{VERSION}_bad.py:1: SyntaxError"),
    ],
    ids=["without up", "syntax error"],
)
def test_a_file_that_cannot_be_run_fails_for_itself(
    source: str, complaint: str, scratch: Scratch
) -> None:
    outcome = judged(scratch, source, "test_has_up", "test_name")

    assert outcome.statuses[f"{HAS_UP}.{VERSION}"] == "failed"
    assert outcome.statuses[f"{HAS_UP}.20260214_000000"] == "passed"
    assert outcome.statuses[f"migrations.name.{VERSION}_bad.py"] == "passed"
    assert complaint in message_of(outcome, f"{HAS_UP}.{VERSION}")


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("CREATE EXTENSION no_such_extension", 'extension "no_such_extension" is not available'),
        ("DROP TABLE schema_migrations", 'relation "schema_migrations" does not exist'),
        ("COMMIT", "ended the transaction it runs in"),
        ("SELECT pg_sleep(60)", "statement timeout"),
    ],
    ids=["absent extension", "drops the records", "commits by itself", "hangs"],
)
def test_a_migration_that_does_not_work_is_named(
    statement: str, complaint: str, scratch: Scratch
) -> None:
    source = f"""
description = "bad"

def up(client):
    client.execute("SET LOCAL statement_timeout = '2s'")
    client.execute({statement!r})
"""
    outcome = judged(scratch, source, "test_has_up", "test_failure_is_atomic")

    assert outcome.statuses[f"{HAS_UP}.{VERSION}"] == "passed"
    assert outcome.statuses[ATOMIC] == "error"
    assert VERSION in message_of(outcome, ATOMIC)
    assert complaint in message_of(outcome, ATOMIC)


def test_a_migration_on_a_connection_of_its_own_cannot_be_undone(scratch: Scratch) -> None:
    source = """
import psycopg

description = "bad"

def up(client):
    with psycopg.connect(client.info.dsn, password=client.info.password) as own:
        own.execute("CREATE TABLE IF NOT EXISTS apart (n int)")
    client.execute("CREATE TABLE together (n int)")
"""
    outcome = judged(scratch, source, "test_failure_is_atomic")

    assert outcome.statuses[ATOMIC] == "failed"
    assert f"a migration {VERSION}_bad.py that fails" in message_of(outcome, ATOMIC)
    assert "table apart is new" in message_of(outcome, ATOMIC)


def test_a_migration_may_print(scratch: Scratch) -> None:
    source = """
description = "loud"

def up(client):
    print("up", flush=True)
    client.execute("CREATE TABLE loud (n int)")
"""
    outcome = judged(scratch, source, "test_failure_is_atomic", "test_recorded")

    assert set(outcome.ran.values()) == {"passed"}


def judged(scratch: Scratch, source: str, *tests: str) -> Outcome:
    """The canonical history with one more file, of this source."""
    shutil.copytree(
        CANONICAL_MIGRATIONS,
        scratch.root / "migrations",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    scratch.write(BAD, source)
    scratch.write("acme_driver.py", DRIVER)
    scratch.describe(python="acme_driver:Implementation", migrations="migrations")
    return scratch.judge(*(f"chopsticks.toml::migrations::{test}" for test in tests))


def message_of(outcome: Outcome, id_: str) -> str:
    return str(next(one for one in outcome.report["requirements"] if one["id"] == id_)["message"])
