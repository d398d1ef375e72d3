"""What reading adds to a run is about what was there before, and only that."""

from __future__ import annotations

import pytest

from pytest_chopsticks.compatibility import Verdict
from pytest_chopsticks.compatibility.findings import Evidence
from tests.compatibility.conftest import Judge, WriteMigration

NEW_TABLE = "CREATE TABLE notes (id bigint, note text);\n"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX ON notes (note);",
        "CREATE UNIQUE INDEX ON notes (id);",
        "LOCK TABLE notes;",
        "ALTER TABLE notes ALTER note TYPE varchar(10);",
        "INSERT INTO notes VALUES (1, 'a'); UPDATE notes SET note = 'b';",
        "CREATE TEMPORARY TABLE kept (id bigint); CREATE INDEX ON kept (id);",
    ],
)
def test_a_table_of_the_migration_s_own_keeps_nobody_waiting(
    judge: Judge, write_migration: WriteMigration, statement: str
) -> None:
    step = judge(write_migration(NEW_TABLE + statement))

    assert [one for one in step.findings if one.evidence is Evidence.CLAIMED] == []


def test_a_table_that_was_there_is_not_new_for_an_if_not_exists(
    judge: Judge, write_migration: WriteMigration
) -> None:
    text = (
        "CREATE TABLE IF NOT EXISTS audit_log (id bigint);\nCREATE INDEX ON audit_log (action);\n"
    )

    step = judge(write_migration(text))

    assert [(one.rule, one.place.line) for one in step.of(Verdict.BREAKS)] == [
        ("scan-under-lock", 2)
    ]


def test_what_a_function_of_the_migration_does_is_known(
    judge: Judge, write_migration: WriteMigration
) -> None:
    text = """\
CREATE FUNCTION backfill() RETURNS void LANGUAGE sql AS
  $$ UPDATE user_pets SET name = name WHERE id < 0 $$;
SELECT backfill();
DROP FUNCTION backfill();
"""

    step = judge(write_migration(text))

    assert step.of(Verdict.NOT_ANALYSED) == ()


@pytest.mark.parametrize(
    ("text", "values"),
    [("%s AND id < %s", "('a', -1)"), ("%(a)s AND name LIKE '%%b'", "{'a': 'a'}"), ("$1", "['a']")],
)
def test_values_sent_beside_a_statement_do_not_keep_it_from_being_read(
    judge: Judge, write_migration: WriteMigration, text: str, values: str
) -> None:
    statement = f"UPDATE user_pets SET name = name WHERE name = {text}"
    program = f"""\
description = "look"

def up(client):
    for _ in range(2):
        client.execute({statement!r}, {values})
"""

    step = judge(write_migration(program, suffix=".py"))

    assert step.of(Verdict.NOT_ANALYSED) == ()
