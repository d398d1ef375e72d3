"""The hash sees exactly what the document lists under "Schema Hash Calculation"."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from pytest_chopsticks.catalog import canonical_form, schema_hash, take_snapshot
from tests.catalog.ddl import canonical_ddl, rich_ddl

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

BASE = """
CREATE TABLE kept (id int PRIMARY KEY, a int, b text, CONSTRAINT once UNIQUE (a, b));
CREATE TABLE pair (x int, y int, PRIMARY KEY (x, y));
CREATE INDEX lookup ON kept (b DESC);
"""

SEEN = {
    "a new table": "CREATE TABLE extra ()",
    "a table gone": "DROP TABLE pair",
    "a table renamed": "ALTER TABLE kept RENAME TO held",
    "a new column": "ALTER TABLE kept ADD c int",
    "a column gone": "ALTER TABLE pair ADD z int; ALTER TABLE pair DROP y",
    "a column renamed": "ALTER TABLE kept RENAME b TO c",
    "a column type": "ALTER TABLE kept ALTER a TYPE bigint",
    "a column's precision": "ALTER TABLE kept ALTER b TYPE varchar(10)",
    "a primary key gone": "ALTER TABLE kept DROP CONSTRAINT kept_pkey",
    "the order of a primary key": (
        "ALTER TABLE pair DROP CONSTRAINT pair_pkey, ADD PRIMARY KEY (y, x)"
    ),
    "a new unique constraint": "ALTER TABLE kept ADD UNIQUE (b)",
    "a unique constraint gone": "ALTER TABLE kept DROP CONSTRAINT once",
    "the order of a unique constraint": (
        "ALTER TABLE kept DROP CONSTRAINT once, ADD UNIQUE (b, a)"
    ),
    "a unique constraint that is deferrable": (
        "ALTER TABLE kept DROP CONSTRAINT once, ADD UNIQUE (a, b) DEFERRABLE"
    ),
    "a unique constraint to which NULLs are equal": (
        "ALTER TABLE kept DROP CONSTRAINT once, ADD UNIQUE NULLS NOT DISTINCT (a, b)"
    ),
    "a unique constraint that became an index": (
        "ALTER TABLE kept DROP CONSTRAINT once; CREATE UNIQUE INDEX once ON kept (a, b)"
    ),
    "a new index": "CREATE INDEX ON kept (a)",
    "a second index like the first": "CREATE INDEX ON kept (b DESC)",
    "an index gone": "DROP INDEX lookup",
    "the direction of an index": "DROP INDEX lookup; CREATE INDEX lookup ON kept (b)",
    "the place of NULLs": "DROP INDEX lookup; CREATE INDEX lookup ON kept (b DESC NULLS LAST)",
    "the method of an index": "DROP INDEX lookup; CREATE INDEX lookup ON kept USING hash (b)",
    "an index that became unique": "DROP INDEX lookup; CREATE UNIQUE INDEX lookup ON kept (b DESC)",
    "an index that became partial": (
        "DROP INDEX lookup; CREATE INDEX lookup ON kept (b DESC) WHERE a > 0"
    ),
    "an index that covers more": (
        "DROP INDEX lookup; CREATE INDEX lookup ON kept (b DESC) INCLUDE (a)"
    ),
    "an index on an expression": "DROP INDEX lookup; CREATE INDEX lookup ON kept (lower(b) DESC)",
    "the collation of an index": (
        'DROP INDEX lookup; CREATE INDEX lookup ON kept (b COLLATE "C" DESC)'
    ),
    "the operator class of an index": (
        "DROP INDEX lookup; CREATE INDEX lookup ON kept (b text_pattern_ops DESC)"
    ),
    "an index that became invalid": (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'lookup'::regclass"
    ),
}

UNSEEN = {
    "nullability": "ALTER TABLE kept ALTER a SET NOT NULL",
    "a default": "ALTER TABLE kept ALTER a SET DEFAULT 1",
    "identity": "ALTER TABLE kept ALTER id ADD GENERATED ALWAYS AS IDENTITY",
    "a check": "ALTER TABLE kept ADD CHECK (a > 0)",
    "a foreign key": "ALTER TABLE pair ADD FOREIGN KEY (x) REFERENCES kept",
    "a constraint's name": "ALTER TABLE kept RENAME CONSTRAINT once TO only_once",
    "an index's name": "ALTER INDEX lookup RENAME TO find",
    "the order of columns": (
        "DROP TABLE pair; CREATE TABLE pair (y int, x int, PRIMARY KEY (x, y))"
    ),
    "persistence": "ALTER TABLE kept SET UNLOGGED",
    "a view": "CREATE VIEW extra AS SELECT 1 AS one",
    "a sequence": "CREATE SEQUENCE extra",
    "an enum": "CREATE TYPE extra AS ENUM ('a')",
    "a column's collation": 'ALTER TABLE kept ALTER b TYPE text COLLATE "C"',
    "a trigger": """
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER extra BEFORE INSERT ON kept FOR EACH ROW EXECUTE FUNCTION f()
    """,
    "a rule": "CREATE RULE extra AS ON DELETE TO kept DO INSTEAD NOTHING",
    "row security": "ALTER TABLE kept ENABLE ROW LEVEL SECURITY",
    "a privilege": "GRANT SELECT ON kept TO PUBLIC",
    "an exclusion constraint": "ALTER TABLE kept ADD EXCLUDE (a WITH =)",
    "storage": "ALTER TABLE kept SET (fillfactor = 50); ALTER TABLE kept ALTER a SET STATISTICS 7",
    "comments": "COMMENT ON TABLE kept IS 'x'",
}


def changed_hash(connection: Connection, change: str) -> bool:
    connection.execute(BASE)
    before = schema_hash(take_snapshot(connection))
    connection.execute(change)
    return schema_hash(take_snapshot(connection)) != before


@pytest.mark.parametrize("change", SEEN.values(), ids=SEEN)
def test_changes_with_what_the_document_lists(connection: Connection, change: str) -> None:
    assert changed_hash(connection, change)


@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN)
def test_does_not_change_with_anything_else(connection: Connection, change: str) -> None:
    assert not changed_hash(connection, change)


@pytest.mark.parametrize("ddl", [canonical_ddl, rich_ddl])
def test_is_the_same_on_every_version(connections: dict[int, Connection], ddl: Any) -> None:
    hashes = set()
    for connection in connections.values():
        connection.execute(ddl())
        hashes.add(schema_hash(take_snapshot(connection)))

    assert len(hashes) == 1


def test_is_the_sha_256_of_the_canonical_form(connection: Connection) -> None:
    connection.execute(BASE)
    snapshot = take_snapshot(connection)

    expected = hashlib.sha256(canonical_form(snapshot).encode("utf-8")).hexdigest()

    assert schema_hash(snapshot) == expected


def test_canonical_form(connection: Connection) -> None:
    """The form that others can write independently, down to the byte."""
    connection.execute(
        """
        CREATE TABLE "Zelt" ("größe" numeric(3,2), "timestamp" bigint, note text UNIQUE DEFERRABLE);
        CREATE TABLE parts (id serial PRIMARY KEY, at date NOT NULL);
        CREATE UNIQUE INDEX ON "Zelt" ("timestamp" DESC, lower(note) COLLATE "C" NULLS FIRST)
          INCLUDE ("größe") WHERE note <> '';
        CREATE VIEW unseen AS SELECT 1 AS one;
        CREATE TABLE days (at date) PARTITION BY RANGE (at);
        CREATE TABLE unseen_too PARTITION OF days DEFAULT;
        """
    )

    form = canonical_form(take_snapshot(connection))

    assert form.splitlines() == [
        '["column","Zelt","größe","numeric(3,2)"]',
        '["column","Zelt","note","text"]',
        '["column","Zelt","timestamp","bigint"]',
        '["column","days","at","date"]',
        '["column","parts","at","date"]',
        '["column","parts","id","integer"]',
        '["index","Zelt","btree",["timestamp DESC","lower(note) COLLATE \\"C\\" NULLS FIRST"],'
        """{"include":["größe"],"unique":true,"where":"(note <> ''::text)"}]""",
        '["primary key","parts",["id"]]',
        '["table","Zelt"]',
        '["table","days"]',
        '["table","parts"]',
        '["unique","Zelt",["note"],{"deferrable":true}]',
    ]
    assert not form.endswith("\n")
