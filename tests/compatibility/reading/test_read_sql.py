"""What reading SQL claims, where it says so, and what it admits not to know."""

from __future__ import annotations

import re

import pytest

from pytest_chopsticks.catalog import changes
from pytest_chopsticks.compatibility.reading import OWN_RULES, SyntaxProblem, read_sql
from tests.compatibility.reading.claim_cases import CLAIMS, HARMLESS, NOT_ANALYSED


def claims_of(sql: str) -> list[tuple[str, str]]:
    return [(claim.rule, claim.subject) for claim in read_sql(sql).claims]


@pytest.mark.parametrize("sql", CLAIMS)
def test_claims(sql: str) -> None:
    reading = read_sql(sql)
    assert claims_of(sql) == CLAIMS[sql]
    assert (reading.not_analysed, reading.error) == ((), None)


@pytest.mark.parametrize("sql", HARMLESS)
def test_what_breaks_nothing_is_claimed_by_nobody(sql: str) -> None:
    reading = read_sql(sql)
    assert (reading.claims, reading.not_analysed, reading.error) == ((), (), None)


@pytest.mark.parametrize("sql", NOT_ANALYSED)
def test_what_is_not_understood_is_said(sql: str) -> None:
    assert NOT_ANALYSED[sql] in " ".join(read_sql(sql).not_analysed)


def test_every_rule_is_a_change_of_the_catalog_or_has_its_meaning_written_down() -> None:
    catalog = {re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower() for name in changes.__all__}
    used = {rule for claims in CLAIMS.values() for rule, _ in claims}
    assert used <= catalog | set(OWN_RULES)


@pytest.mark.parametrize("before", ["", "\ufeff", "-- é\r\n", "SELECT '😀';\r\n/* ü */ "])
@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("ALTER TABLE é ADD b int,\r\n ALTER c SET NOT NULL", "ALTER c SET"),
        ("ALTER TABLE ONLY public.t DROP a", "DROP a"),
        ("TRUNCATE t", "t"),
        ("DO $ä$ BEGIN -- é\r\n DROP TABLE ö; END $ä$", "DROP TABLE ö"),
        ("DO 'BEGIN PERFORM ''é''; DROP TABLE t; END'", "DROP TABLE t"),
    ],
)
def test_positions_count_characters(before: str, sql: str, found: str) -> None:
    text = before + sql
    last = read_sql(text).statements[-1]
    assert text[last.start : last.end] == last.text == sql
    assert text[last.claims[0].position :].startswith(found)


def test_a_syntax_error_has_its_place_and_hides_no_other_statement() -> None:
    reading = read_sql("SELECT 'é'; DROP TABEL t; DROP TABLE u; SELECT 1")
    assert reading.error == SyntaxProblem('syntax error at or near "TABEL"', 17)
    assert [one.command for one in reading.statements] == ["SELECT", "", "DROP TABLE", "SELECT"]
    assert [claim.subject for claim in reading.claims] == ["u"]


def test_tables_that_were_there_are_not_new_for_an_if_not_exists() -> None:
    sql = "CREATE TABLE IF NOT EXISTS t (a int); CREATE INDEX i ON t (a)"
    assert read_sql(sql).claims == ()
    assert read_sql(sql, existing={"t"}).claims != ()
    assert read_sql("DROP TABLE t", existing=()).claims == ()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("BEGIN", True),
        ("START TRANSACTION", True),
        ("COMMIT", True),
        ("PREPARE TRANSACTION 'x'", True),
        ("DO $$ BEGIN COMMIT; END $$", True),
        ("SAVEPOINT a", False),
        ("ROLLBACK TO a", False),
        ("SELECT 1", False),
    ],
)
def test_transaction_control(sql: str, expected: bool) -> None:
    assert read_sql(sql).statements[0].transaction_control is expected


@pytest.mark.parametrize(
    ("sql", "command", "relations", "creates"),
    [
        ("CREATE TABLE a AS SELECT * FROM s.b", "CREATE TABLE AS", {"a", "s.b"}, {"a"}),
        ("WITH x AS (SELECT 1) SELECT * FROM x, public.b", "SELECT", {"b"}, set()),
        ("DROP TABLE a, b", "DROP TABLE", {"a", "b"}, set()),
        ("ALTER INDEX i RENAME TO j", "ALTER INDEX", {"i"}, set()),
        ("DO $$ BEGIN DELETE FROM b; END $$", "DO", {"b"}, set()),
        ("CREATE TYPE s.e AS ENUM ('a')", "CREATE TYPE", set(), {"s.e"}),
        ("ALTER TABLE a RENAME COLUMN b TO c", "ALTER TABLE", {"a"}, set()),
    ],
)
def test_what_a_statement_is_about(
    sql: str, command: str, relations: set[str], creates: set[str]
) -> None:
    (one,) = read_sql(sql).statements
    assert (one.command, set(one.relations), set(one.creates)) == (command, relations, creates)


def test_a_routine_that_is_only_made_does_nothing_yet() -> None:
    (one,) = read_sql("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'TRUNCATE t'").statements
    assert (one.claims, [claim.rule for claim in one.when_called]) == ((), ["truncate"])


@pytest.mark.parametrize("character", "{}!?@`\\~\x01\x7f€\0\ud800")
@pytest.mark.parametrize("frame", ["{}", "DO $$ BEGIN {} ; END $$", "ALTER TABLE t DROP a {}"])
def test_no_character_makes_it_raise(frame: str, character: str) -> None:
    sql = frame.format(character)
    reading = read_sql(sql)
    assert reading.error or reading.not_analysed or reading.claims or not reading.statements
