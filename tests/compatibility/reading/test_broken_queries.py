"""Application queries before and after a migration: broken, sound, or not analysed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlglot.optimizer.qualify import qualify

from pytest_chopsticks.catalog import Snapshot
from pytest_chopsticks.catalog.structure import Column, Table
from pytest_chopsticks.compatibility.reading import QueryReport, broken_queries, resolution


def schema(**tables: str) -> Snapshot:
    made = {
        name: Table(name, "ordinary", "permanent", {c: Column(c, "text", True) for c in of.split()})
        for name, of in tables.items()
    }
    return Snapshot("public", made, {}, {}, {}, ())


BEFORE = schema(users="id name data", wallets="user_id balance", pets="pet_id user_id kind")


def after(**changed: str) -> Snapshot:
    """BEFORE with other columns; a table without any is gone."""
    tables = {**BEFORE.tables, **schema(**changed).tables}
    return replace(BEFORE, tables={n: t for n, t in tables.items() if t.columns})


def report(query: str, **changed: str) -> QueryReport:
    return broken_queries([query], BEFORE, after(**changed))


@pytest.mark.parametrize(
    ("query", "changed", "why"),
    [
        ("SELECT name FROM users", {"users": "id data"}, "'name' could not be resolved"),
        ("SELECT u.name FROM public.users u", {"users": "id data"}, "Unknown column: name"),
        ("SELECT balance FROM wallets", {"wallets": ""}, "table wallets is gone"),
        ("INSERT INTO wallets VALUES ($1, $2)", {"wallets": ""}, "table wallets is gone"),
        ("SELECT name FROM users JOIN wallets ON id = user_id",
         {"wallets": "user_id balance name"}, "'name' could not be resolved"),
        ("SELECT (SELECT balance FROM wallets WHERE user_id = id) FROM users",
         {"wallets": "user_id balance id"}, "it now means"),
        ("SELECT u FROM users u", {"users": "id name data u"}, "it now means"),
        ("WITH c AS (SELECT * FROM users) SELECT name FROM c", {"users": "id data"}, "'name'"),
        ("SELECT l.b FROM users u, LATERAL (SELECT balance b FROM wallets w "
         "WHERE w.user_id = u.id) l", {"wallets": "user_id"}, "'balance'"),
        ("SELECT data->'a'->>'b', name::int FROM users WHERE data @> '{}'::jsonb",
         {"users": "id name"}, "'data'"),
        ("SELECT row_number() OVER (PARTITION BY kind ORDER BY pet_id) FROM pets",
         {"pets": "pet_id user_id"}, "'kind'"),
        ("SELECT DISTINCT ON (kind) pet_id FROM pets ORDER BY kind, pet_id",
         {"pets": "pet_id user_id"}, "'kind'"),
        ("SELECT id FROM users WHERE EXISTS (SELECT 1 FROM pets p WHERE p.kind = 'x')",
         {"pets": "pet_id user_id"}, "kind"),
        ("SELECT balance FROM wallets NATURAL JOIN pets",
         {"wallets": "user_id balance kind"}, "NATURAL JOIN pets now compares kind as well"),
        ("SELECT balance FROM users JOIN wallets ON id = user_id JOIN pets USING (user_id)",
         {"users": "id name data user_id"}, "user_id"),
        ("SELECT kind FROM users u JOIN wallets w ON u.id = w.user_id JOIN pets USING (user_id)",
         {"users": "id name data user_id"}, "user_id is now in more than one table to the left"),
        ("SELECT * FROM users UNION SELECT * FROM pets",
         {"pets": "pet_id user_id kind age"}, "3 columns on one side of UNION, 4 on the other"),
        ("SELECT * FROM pets UNION (SELECT * FROM pets) UNION SELECT * FROM users",
         {"pets": "pet_id user_id kind age"}, "4 columns on one side of UNION, 3 on the other"),
        ("SELECT balance FROM wallets NATURAL JOIN pets",
         {"pets": "pet_id kind"}, "the join with pets no longer finds user_id"),
    ],
)  # fmt: skip
def test_broken(query: str, changed: dict[str, str], why: str) -> None:
    found = report(query, **changed)
    assert found.not_analysed == ()
    assert [one.query for one in found.broken] == [query]
    assert why in found.broken[0].why


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        ("SELECT * FROM users", {"users": "id name data age"}),
        ("SELECT * FROM pets UNION (SELECT * FROM pets) UNION SELECT * FROM pets",
         {"pets": "pet_id user_id kind age"}),
        ("SELECT s.id FROM (SELECT * FROM users) s", {"users": "id name data age"}),
        ("SELECT u.name FROM users u JOIN wallets w ON w.user_id = u.id",
         {"wallets": "user_id balance name"}),
        ("SELECT balance AS name FROM wallets ORDER BY name",
         {"wallets": "user_id balance name"}),
        ("SELECT balance FROM wallets NATURAL JOIN pets", {"wallets": "user_id balance age"}),
        ("SELECT kind FROM wallets JOIN pets USING (user_id)",
         {"wallets": "user_id balance kind2"}),
        ("SELECT count(*) FROM users WHERE name = $1 FOR UPDATE SKIP LOCKED",
         {"users": "id name"}),
        ("SELECT u FROM users u", {"users": "id name"}),
        ("SELECT id FROM users WHERE id ~~* 'y'", {"users": "id"}),
    ],
)  # fmt: skip
def test_sound(query: str, changed: dict[str, str]) -> None:
    assert report(query, **changed) == QueryReport((), ())


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("SELECT a FROM elsewhere", "elsewhere is not in schema public"),
        ("SELECT nothing FROM users", "not resolved on the schema before"),
        ("SELECT x FROM users u, unnest(ARRAY[1]) x", "not resolved on the schema before"),
        ("UPDATE users SET name = $1", "the columns of an UPDATE"),
        ("SELECT XMLPARSE(CONTENT name) FROM users", "sqlglot cannot read it: Expecting )"),
        ("SELECT " + "(" * 60 + "id" + ")" * 60 + " FROM users", "sqlglot cannot read it"),
    ],
)
def test_not_analysed(query: str, why: str) -> None:
    found = report(query, users="id name data age")
    assert found.broken == ()
    assert why in found.not_analysed[0].why


def test_a_schema_that_sqlglot_does_not_get_on_with_breaks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It fails in ways of its own on what it does not know, which says nothing of the query."""

    def fails_on_age(tree: Any, **options: Any) -> Any:
        if "age" in options["schema"].column_names("users"):
            raise KeyError("age")
        return qualify(tree, **options)

    monkeypatch.setattr(f"{resolution.__name__}.qualify", fails_on_age)

    found = report("SELECT name FROM users", users="id name data age")

    assert found.broken == ()
    assert [one.why for one in found.not_analysed] == ["sqlglot cannot resolve it: 'age'"]


def test_a_query_on_unchanged_tables_is_sound_whatever_it_does() -> None:
    assert report("SELECT x FROM users u, unnest(ARRAY[1]) x", pets="pet_id") == QueryReport((), ())
