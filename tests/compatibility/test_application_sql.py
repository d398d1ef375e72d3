"""The SQL that an application sends, replayed and read."""

from __future__ import annotations

from pathlib import Path

from pytest_chopsticks.compatibility import (
    ApplicationSql,
    Evidence,
    JudgeOptions,
    Verdict,
)
from tests.compatibility.conftest import Judge, WriteMigration

FUNCTION = """\
CREATE FUNCTION wealth(who text) RETURNS bigint LANGUAGE sql AS
  'SELECT balance FROM user_wallets WHERE user_id = who';
"""


def _sending(directory: Path, sql: str) -> JudgeOptions:
    (directory / "application.sql").write_text(sql)
    return JudgeOptions(rows=4, application=ApplicationSql(directory, "application.sql"))


def test_a_statement_that_breaks_is_told_with_its_own_place(
    judge: Judge, write_migration: WriteMigration, tmp_path: Path
) -> None:
    first = write_migration(FUNCTION, version="20260401_000000")
    second = write_migration("DROP FUNCTION wealth;", version="20260402_000000")
    step = judge(first, second, options=_sending(tmp_path, "\nSELECT wealth($1);\n"))
    (finding,) = step.breaks
    assert (finding.rule, finding.evidence) == ("old-statement-breaks", Evidence.CONFIRMED)
    assert "application.sql:2" in finding.message


def test_what_reading_tells_and_running_does_not_is_noted(
    judge: Judge, write_migration: WriteMigration, tmp_path: Path
) -> None:
    query = "SELECT id FROM user_pets JOIN agent_runners ON runner_id = user_id WHERE meta IS NULL;"
    step = judge(
        write_migration("ALTER TABLE user_pets ADD meta_note text; SELECT 1;"),
        options=_sending(tmp_path, query),
    )
    assert step.breaks == ()


def test_what_cannot_be_replayed_is_told(
    judge: Judge, write_migration: WriteMigration, tmp_path: Path
) -> None:
    step = judge(
        write_migration("ALTER TABLE user_pets ADD mood text;"),
        options=_sending(tmp_path, "SELECT gone FROM nowhere;"),
    )
    (told,) = step.of(Verdict.NOT_ANALYSED)
    assert "is not replayed" in told.message
    assert told.place.line == 1
