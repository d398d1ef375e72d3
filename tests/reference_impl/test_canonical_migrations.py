"""The canonical migrations: the document's schema exactly, two tables guarded, all reversible."""

import re
import runpy
from pathlib import Path
from typing import Any

import psycopg
import pytest

from reference_impl import Implementation
from reference_impl.database import Database

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "migrations").glob("*.py"))
SCHEMA, GUARDS = (runpy.run_path(str(file)) for file in FILES)

#: The document lists these indexes without DDL; the names are this project's.
INDEXES_WITHOUT_DDL = """
CREATE INDEX idx_agent_bots_pool_id ON agent_bots(pool_id);
CREATE INDEX idx_agent_pools_owner_user_id ON agent_pools(owner_user_id);
CREATE INDEX idx_agent_pools_visibility ON agent_pools(visibility);
"""

CATALOG = """
SELECT 'relation', c.relname || ' ' || c.relkind::text || c.relpersistence::text
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'column', concat_ws(' ', c.relname, a.attnum, a.attname,
                           format_type(a.atttypid, a.atttypmod), a.attnotnull,
                           pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
UNION ALL
SELECT 'constraint', concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger
UNION ALL
SELECT 'function', pg_get_functiondef(oid)
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'type', typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
"""


def catalog(connection: psycopg.Connection) -> set[tuple[Any, ...]]:
    return set(connection.execute(CATALOG).fetchall())


def document_ddl() -> str:
    document = (ROOT / "conformance" / "DATABASE_SCHEMA.md").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```sql\n(.*?)```", document, re.DOTALL))


def test_the_first_migration_creates_what_the_document_says(database: Database) -> None:
    with psycopg.connect(database.dsn) as connection:
        connection.execute((document_ddl() + INDEXES_WITHOUT_DDL).encode())
        documented = catalog(connection)
        connection.rollback()

        SCHEMA["up"](connection)

        assert catalog(connection) == documented


def test_the_document_yields_thirteen_tables() -> None:
    """Guards the comparison above against extracting nothing."""
    assert len(re.findall(r"CREATE TABLE", document_ddl())) == 13


def test_down_of_the_schema_leaves_an_empty_database(database: Database) -> None:
    with psycopg.connect(database.dsn) as connection:
        empty = catalog(connection)
        SCHEMA["up"](connection)

        SCHEMA["down"](connection)

        assert catalog(connection) == empty


def test_down_of_the_guards_leaves_the_schema_before_them(database: Database) -> None:
    with psycopg.connect(database.dsn) as connection:
        SCHEMA["up"](connection)
        unguarded = catalog(connection)
        GUARDS["up"](connection)
        assert catalog(connection) != unguarded

        GUARDS["down"](connection)

        assert catalog(connection) == unguarded


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("schema_migrations", "UPDATE schema_migrations SET description = description"),
        ("schema_migrations", "UPDATE schema_migrations SET checksum = '' WHERE version = 'none'"),
        ("schema_migrations", "DELETE FROM schema_migrations"),
        ("schema_migrations", "DELETE FROM schema_migrations WHERE version = 'none'"),
        ("schema_migrations", "TRUNCATE schema_migrations"),
        ("transaction_log", "UPDATE transaction_log SET amount = 0"),
        ("transaction_log", "UPDATE transaction_log SET amount = 0 WHERE id = -1"),
        ("transaction_log", "DELETE FROM transaction_log"),
        ("transaction_log", "DELETE FROM transaction_log WHERE id = -1"),
        ("transaction_log", "TRUNCATE transaction_log"),
        ("transaction_log", "TRUNCATE user_pets, transaction_log"),
    ],
)
def test_the_owner_cannot_change_an_immutable_table(
    database: Database, table: str, statement: str
) -> None:
    Implementation(database).migrate()

    with (
        psycopg.connect(database.dsn) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match=f"of {table} is refused"),
    ):
        connection.execute(statement.encode())


def test_an_upsert_cannot_change_a_record(database: Database) -> None:
    Implementation(database).migrate()

    with (
        psycopg.connect(database.dsn) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="UPDATE of schema_migrations"),
    ):
        connection.execute(
            "INSERT INTO schema_migrations (version, description, checksum) VALUES ('v', '', '')"
            " ON CONFLICT (version) DO UPDATE SET checksum = excluded.checksum"
        )


def test_a_new_row_of_an_immutable_table_is_accepted(database: Database) -> None:
    Implementation(database).migrate()

    with psycopg.connect(database.dsn) as connection:
        inserted = connection.execute(
            "INSERT INTO transaction_log (to_user, amount, reason, timestamp)"
            " VALUES ('1', 5, 'daily', 1770000000000)"
        )

    assert inserted.rowcount == 1
