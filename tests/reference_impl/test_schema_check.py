"""The reference's start-up check: one hash for one structure, every difference by name."""

import hashlib
import re
import runpy
from pathlib import Path

import psycopg
import pytest

from pytest_chopsticks.databases import Database
from reference_impl import Implementation
from reference_impl.schema_check import EXPECTED_FACTS

from .rejected import rejected

ROOT = Path(__file__).parents[2]


def execute(database: Database, *statements: str) -> None:
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def drift(database: Database) -> list[str]:
    with rejected("schema_drift") as raised:
        Implementation(database).verify_schema()
    return str(raised.value).splitlines()[1:]


def test_the_hash_is_that_of_the_expected_facts(database: Database) -> None:
    Implementation(database).migrate()
    canonical_form = EXPECTED_FACTS.read_bytes().removesuffix(b"\n")

    answer = Implementation(database).verify_schema()

    assert answer == {"hash": hashlib.sha256(canonical_form).hexdigest()}


def test_the_order_of_creation_makes_no_difference(database: Database) -> None:
    (schema,) = (ROOT / "migrations").glob("*_schema_1_0_0.py")
    migration = runpy.run_path(str(schema))
    statements = [*migration["CORE"], *migration["AUDIT_AND_MONITORING"], *migration["ECONOMY"]]
    tables = [sql for sql in statements if "CREATE TABLE" in sql]
    indexes = [sql for sql in statements if "CREATE TABLE" not in sql]
    execute(database, *reversed(tables), *reversed(indexes))

    Implementation(database).verify_schema()


def test_names_of_constraints_and_indexes_make_no_difference(database: Database) -> None:
    Implementation(database).migrate()
    execute(
        database,
        "ALTER INDEX idx_wallets_balance RENAME TO leaderboard",
        "ALTER TABLE user_inventory RENAME CONSTRAINT user_inventory_pkey TO pk",
    )

    Implementation(database).verify_schema()


def test_settings_of_the_database_make_no_difference(database: Database) -> None:
    Implementation(database).migrate()
    execute(
        database,
        f"ALTER DATABASE {database.name} SET quote_all_identifiers = on",
        f"ALTER DATABASE {database.name} SET search_path = '$user', public, pg_catalog",
    )

    Implementation(database).verify_schema()


def test_tables_of_another_schema_make_no_difference(database: Database) -> None:
    Implementation(database).migrate()
    execute(database, "CREATE SCHEMA other", "CREATE TABLE other.notes (id int PRIMARY KEY)")

    Implementation(database).verify_schema()


@pytest.mark.parametrize(
    ("statement", "facts"),
    [
        (
            "DROP TABLE agent_runners",
            [
                '- ["column","agent_runners","last_seen","bigint"]',
                '- ["column","agent_runners","meta","jsonb"]',
                '- ["column","agent_runners","runner_id","text"]',
                '- ["primary key","agent_runners",["runner_id"]]',
                '- ["table","agent_runners"]',
            ],
        ),
        ("CREATE TABLE naïve ()", ['+ ["table","naïve"]']),
        (
            "CREATE TABLE parted (d date) PARTITION BY LIST (d);"
            "CREATE TABLE part PARTITION OF parted DEFAULT",
            ['+ ["column","parted","d","date"]', '+ ["table","parted"]'],
        ),
        ("ALTER TABLE user_pets DROP name", ['- ["column","user_pets","name","text"]']),
        (
            "ALTER TABLE user_streaks ALTER streak_multiplier TYPE numeric(4,2)",
            [
                '- ["column","user_streaks","streak_multiplier","numeric(3,2)"]',
                '+ ["column","user_streaks","streak_multiplier","numeric(4,2)"]',
            ],
        ),
        (
            "ALTER TABLE command_stats DROP CONSTRAINT command_stats_pkey,"
            " ADD PRIMARY KEY (command, guild_id)",
            [
                '- ["primary key","command_stats",["guild_id","command"]]',
                '+ ["primary key","command_stats",["command","guild_id"]]',
            ],
        ),
        (
            "ALTER TABLE agent_bots DROP CONSTRAINT agent_bots_token_key",
            ['- ["unique","agent_bots",["token"],{}]'],
        ),
        (
            "ALTER TABLE agent_bots ADD UNIQUE (tag) INCLUDE (status)"
            " DEFERRABLE INITIALLY DEFERRED",
            [
                '+ ["unique","agent_bots",["tag"],'
                '{"deferrable":true,"include":["status"],"initially_deferred":true}]'
            ],
        ),
        (
            "DROP INDEX idx_wallets_balance; CREATE INDEX ON user_wallets (balance)",
            [
                '- ["index","user_wallets","btree",["balance DESC"],{}]',
                '+ ["index","user_wallets","btree",["balance"],{}]',
            ],
        ),
        (
            "CREATE INDEX ON user_inventory (user_id)",
            ['+ ["index","user_inventory","btree",["user_id"],{}]'],
        ),
        (
            "CREATE UNIQUE INDEX ON user_pets (name NULLS FIRST, id DESC NULLS LAST)"
            " INCLUDE (stats) WHERE name <> ''",
            [
                '+ ["index","user_pets","btree",["name NULLS FIRST","id DESC NULLS LAST"],'
                '{"include":["stats"],"unique":true,"where":"(name <> \'\'::text)"}]'
            ],
        ),
        (
            'CREATE INDEX ON user_pets (lower(name) COLLATE "C" text_pattern_ops)',
            ['+ ["index","user_pets","btree",["lower(name) COLLATE \\"C\\" text_pattern_ops"],{}]'],
        ),
        (
            "CREATE INDEX ON user_pets USING gin (stats jsonb_path_ops)",
            ['+ ["index","user_pets","gin",["stats jsonb_path_ops"],{}]'],
        ),
    ],
)
def test_drift_is_named_fact_by_fact(database: Database, statement: str, facts: list[str]) -> None:
    Implementation(database).migrate()
    execute(database, *statement.split(";"))

    assert drift(database) == facts


def test_a_name_outside_the_client_encoding_is_still_named(database: Database) -> None:
    Implementation(database).migrate()
    latin1 = f"ALTER DATABASE {database.name} SET client_encoding = LATIN1"
    execute(database, "CREATE TABLE 表 ()", latin1)

    assert drift(database) == ['+ ["table","表"]']


def test_an_index_whose_build_failed_is_drift(database: Database) -> None:
    Implementation(database).migrate()
    execute(database, "INSERT INTO audit_log (guild_id, user_id, action) VALUES ('1', '1', 'a')")
    with pytest.raises(psycopg.errors.DivisionByZero):
        execute(database, "CREATE INDEX CONCURRENTLY broken ON audit_log ((id / 0))")

    assert drift(database) == [
        '+ ["index","audit_log","btree",["((id / 0))"],{"invalid":true}]',
    ]


def test_an_empty_database_is_all_drift(database: Database) -> None:
    expected = EXPECTED_FACTS.read_text(encoding="utf-8").splitlines()

    assert drift(database) == [f"- {fact}" for fact in expected]


def test_the_message_says_which_sign_means_what(database: Database) -> None:
    with rejected("schema_drift", match=re.escape("- is missing, + is not expected")):
        Implementation(database).verify_schema()


def test_a_rejected_database_is_left_as_it_was(database: Database) -> None:
    Implementation(database).migrate()
    execute(database, "DROP INDEX idx_wallets_balance")
    row_versions = (
        "SELECT tableoid, ctid, xmin FROM pg_class UNION ALL"
        " SELECT tableoid, ctid, xmin FROM pg_attribute UNION ALL"
        " SELECT tableoid, ctid, xmin FROM schema_migrations ORDER BY 1, 2"
    )
    with psycopg.connect(database.dsn, autocommit=True) as connection:
        before = connection.execute(row_versions).fetchall()
        drift(database)

        assert connection.execute(row_versions).fetchall() == before
