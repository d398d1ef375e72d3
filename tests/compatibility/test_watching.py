"""What is seen of a migration while it runs: locks, scans, rewrites, DDL wherever it hides."""

from __future__ import annotations

import psycopg
import pytest

from pytest_chopsticks.compatibility import Family, JudgedStep, Verdict, history_database
from tests.compatibility.conftest import Judge, WriteMigration

CONCURRENTLY = """\
-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY idx_audit_user ON audit_log (user_id);
"""


def _lock_rules(step: JudgedStep) -> list[tuple[str, str]]:
    return [(f.rule, f.subject) for f in step.of(Verdict.BREAKS, Family.LOCK_SAFE)]


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("ALTER TABLE audit_log ALTER action TYPE varchar(900)", "rewrite"),
        ("CREATE INDEX idx_action ON audit_log (action)", "scan-under-lock"),
        ("ALTER TABLE audit_log ADD CHECK (length(action) < 1000000)", "scan-under-lock"),
        ("ALTER TABLE audit_log ADD x uuid DEFAULT gen_random_uuid()", "rewrite"),
    ],
)
def test_what_keeps_others_waiting_is_seen(
    judge: Judge, write_migration: WriteMigration, statement: str, rule: str
) -> None:
    step = judge(write_migration(statement))
    assert (rule, "audit_log") in _lock_rules(step)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_log ADD note text",
        "ALTER TABLE audit_log ADD note text NOT NULL DEFAULT ''",
        "ALTER TABLE audit_log ADD CONSTRAINT short CHECK (length(action) < 1000000) NOT VALID",
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text)",
        "UPDATE audit_log SET action = action WHERE id = 1",
        CONCURRENTLY,
    ],
)
def test_a_short_lock_is_no_trouble(
    judge: Judge, write_migration: WriteMigration, statement: str
) -> None:
    assert _lock_rules(judge(write_migration(statement))) == []


def test_a_scan_while_an_earlier_lock_is_held_is_seen(
    judge: Judge, write_migration: WriteMigration
) -> None:
    text = "ALTER TABLE audit_log ADD note text;\nUPDATE audit_log SET note = action;\n"
    (finding,) = judge(write_migration(text)).of(Verdict.BREAKS, Family.LOCK_SAFE)
    assert (finding.rule, finding.place.line) == ("exclusive-lock-kept", 2)
    assert "ACCESS EXCLUSIVE" in finding.message


@pytest.mark.parametrize(
    "body",
    [
        "DO $$ BEGIN ALTER TABLE user_pets DROP COLUMN name; END $$;",
        "DO $$ BEGIN EXECUTE format('ALTER TABLE %I DROP COLUMN name', 'user_pets'); END $$;",
        """CREATE FUNCTION away() RETURNS void LANGUAGE sql AS
           'ALTER TABLE user_pets DROP COLUMN name'; SELECT away();""",
    ],
)
def test_ddl_inside_functions_is_seen(
    judge: Judge, write_migration: WriteMigration, body: str
) -> None:
    rules = {finding.rule for finding in judge(write_migration(body)).breaks}
    assert {"column-removed", "old-statement-breaks"} <= rules


def test_concurrently_runs_outside_a_transaction_with_an_old_writer_at_work(
    judge: Judge, write_migration: WriteMigration
) -> None:
    step = judge(write_migration(CONCURRENTLY))
    assert step.applied
    assert step.breaks == ()
    assert "no-transaction" in {finding.rule for finding in step.of(Verdict.NOTED)}


def test_a_lock_outside_a_transaction_is_seen_by_what_it_waits_for(
    judge: Judge, write_migration: WriteMigration
) -> None:
    text = "-- migrate:up transaction:false\nALTER TABLE audit_log ADD note text;\n"
    step = judge(write_migration(text))
    assert step.locks == {"audit_log": "ACCESS EXCLUSIVE"}


def test_without_a_superuser_ddl_inside_functions_is_told_to_be_unseen_and_judged_as_a_whole(
    judge: Judge, write_migration: WriteMigration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_connection: object) -> None:
        raise psycopg.errors.InsufficientPrivilege("permission denied to create event trigger")

    monkeypatch.setattr(f"{history_database.__name__}.install_ddl_events", refuse)
    text = "DO $$ BEGIN ALTER TABLE user_pets DROP COLUMN name; END $$;"

    step = judge(write_migration(text))

    assert "no-event-triggers" in {one.rule for one in step.of(Verdict.NOT_ANALYSED)}
    assert ("column-removed", "user_pets.name") in {(one.rule, one.subject) for one in step.breaks}
