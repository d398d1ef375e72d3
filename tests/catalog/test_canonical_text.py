"""One spelling for what PostgreSQL 13 to 18 deparse differently."""

from __future__ import annotations

import pytest

from pytest_chopsticks.catalog.canonical_text import canonical, canonical_type, canonical_view

SINCE_14_AND_BEFORE = [
    ("(at AT TIME ZONE 'UTC'::text)", "timezone('UTC'::text, at)"),
    ("EXTRACT(year FROM at)", "date_part('year'::text, at)"),
    ("SUBSTRING(name FROM 1 FOR 2)", '"substring"((name)::text, 1, 2)'),
    ("TRIM(BOTH 'x'::text FROM name)", "btrim((name)::text, 'x'::text)"),
    ("TRIM(LEADING FROM name)", "ltrim(name)"),
    ("POSITION(('a'::text) IN (name))", "\"position\"(name, 'a'::text)"),
    ("OVERLAY(a PLACING 'b'::text FROM 2 FOR 3)", "\"overlay\"(a, 'b'::text, 2, 3)"),
    (
        "(EXTRACT(day FROM (at AT TIME ZONE 'UTC'::text)) > 1)",
        "(date_part('day'::text, timezone('UTC'::text, at)) > 1)",
    ),
    ('("json" IS NOT NULL)', "(json IS NOT NULL)"),
]


@pytest.mark.parametrize(("newer", "older"), SINCE_14_AND_BEFORE)
def test_calls_in_sql_syntax_read_like_function_calls(newer: str, older: str) -> None:
    assert canonical(newer) == canonical(older)


@pytest.mark.parametrize(
    "text",
    [
        "(note <> 'a AT TIME ZONE  TRIM( b'::text)",
        '("TRIM" > 0)',
        "(lower(name) = ANY (ARRAY['(', 'x'::text]))",
        "('a\\'::text <> 'it''s  (' || note)",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert canonical(text) == text


def test_white_space_counts_only_inside_literals() -> None:
    assert canonical(" a\n   + 'x\n  y'") == "a + 'x\n  y'"


@pytest.mark.parametrize(
    "older",
    [
        " SELECT t.a,\n    t.b\n   FROM t\n  WHERE t.a > 0;",
        " SELECT u.a,\n    u.b\n   FROM t u\n  WHERE u.a > 0;",
    ],
)
def test_a_views_only_table_is_not_repeated_before_its_columns(older: str) -> None:
    view = canonical_view(older)

    assert view.startswith("SELECT a, b FROM t")
    assert view.endswith("WHERE a > 0")


def test_a_join_keeps_the_tables_before_its_columns() -> None:
    text = "SELECT a.x, b.y FROM a JOIN b ON a.x = b.x"

    assert canonical_view(text) == text


@pytest.mark.parametrize("type_", ["timestamp{} with time zone", "time{} without time zone[]"])
def test_times_have_microseconds_whether_that_is_said_or_not(type_: str) -> None:
    assert canonical_type(type_.format("(6)")) == type_.format("")
    assert canonical_type(type_.format("(3)")) == type_.format("(3)")
