"""A recycled database is what a fresh clone is, whatever a test did to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.databases import (
    Database,
    DatabaseProvider,
    Isolation,
    Lease,
    Pool,
    Template,
)
from tests.databases.whole_contents import difference, whole_contents

#: What a test may do, and whether the same database can serve the next test.
DEEDS = {
    "nothing": ("SELECT 1", True),
    "committed rows": ("INSERT INTO plain (name) SELECT 'x' FROM generate_series(1, 50)", True),
    "an aborted insert": ("BEGIN; INSERT INTO plain VALUES (1); ROLLBACK", True),
    "long values": (
        "INSERT INTO plain (payload) SELECT jsonb_build_object('a', string_agg(md5(n::text), ''))"
        " FROM generate_series(1, 5000) n",
        True,
    ),
    "more rows than a vacuum waits for": (
        "INSERT INTO plain (name) SELECT 'x' FROM generate_series(1, 3000)",
        True,
    ),
    "a moved sequence": ("SELECT nextval('free'), setval('plain_id_seq', 99)", True),
    "changed rows of the template": ("UPDATE with_rows SET word = word || '!'", True),
    "deleted rows of the template": ("DELETE FROM with_rows", True),
    "an update that changes no value": ("UPDATE with_rows SET word = word", True),
    "rows of an immutable table": ("INSERT INTO immutable (word) VALUES ('another')", True),
    "rows that a rule keeps": ("INSERT INTO ruled VALUES (1)", True),
    "rows that row security hides": ("INSERT INTO secured VALUES (1)", True),
    "rows of a partition": ("INSERT INTO parted VALUES (1, '2026-02-14')", True),
    "rows of an heir": ("INSERT INTO heir VALUES (1, 'm'); INSERT INTO parent VALUES (2)", True),
    "rows of an unlogged table": ("INSERT INTO unlogged VALUES (1)", True),
    "rows under odd names": ('INSERT INTO other."odd ""Name" ("a column") VALUES (1)', True),
    "rows that refer to each other": (
        "BEGIN; INSERT INTO child (plain_id) VALUES (1); INSERT INTO plain (id) VALUES (1); COMMIT",
        True,
    ),
    "a truncated table": ("TRUNCATE with_rows", False),
    "a table": ("CREATE TABLE new_one (id integer)", False),
    "a dropped table": ("DROP TABLE child", False),
    "a column": ("ALTER TABLE plain ADD extra text", False),
    "an index": ("CREATE INDEX ON plain (name)", False),
    "a disabled trigger": ("ALTER TABLE immutable DISABLE TRIGGER no_change", False),
    "a function": ("CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'", False),
    "a replaced function": (
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
        False,
    ),
    "a schema": ("CREATE SCHEMA another", False),
    "a dropped schema": ("DROP SCHEMA other CASCADE", False),
    "a type": ("CREATE TYPE mood AS ENUM ('sad', 'ok')", False),
    "a comment": ("COMMENT ON TABLE plain IS 'a comment'", False),
    "a comment on a schema": ("COMMENT ON SCHEMA other IS 'a comment'", False),
    "a privilege": ("GRANT SELECT ON plain TO public", False),
    "default privileges": ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO public", False),
    "a large object": ("SELECT lo_from_bytea(0, 'bytes')", False),
    "a refreshed view": ("REFRESH MATERIALIZED VIEW counted", False),
    "a sequence that counts otherwise": ("ALTER SEQUENCE free INCREMENT 7", False),
    "a temporary table": ("CREATE TEMPORARY TABLE passing AS SELECT 1", False),
    "a DDL statement hidden in DO": ("DO $$ BEGIN CREATE TABLE hidden (); END $$", False),
    "DDL that was taken back": ("BEGIN; CREATE TABLE t (); ROLLBACK", None),
    "settings of the session": ("SET search_path TO other; SET timezone TO 'Asia/Tokyo'", True),
    "a listening session": ("LISTEN somewhere", True),
    "advisory locks": ("SELECT pg_advisory_lock(42)", True),
    "a prepared statement": ("PREPARE p AS SELECT 1", True),
    "an open transaction": ("BEGIN; INSERT INTO plain VALUES (7)", True),
    "an open cursor": ("BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT 1; COMMIT", True),
    "a prepared transaction": (
        "BEGIN; INSERT INTO plain VALUES (7); PREPARE TRANSACTION 'p'",
        True,
    ),
    "a prepared transaction that holds a lock": (
        "BEGIN; LOCK TABLE plain; PREPARE TRANSACTION 'p'",
        True,
    ),
    "a failed transaction": ("BEGIN; INSERT INTO with_rows VALUES (9, 'nine')", True),
}


@pytest.mark.parametrize(("statements", "again"), DEEDS.values(), ids=DEEDS)
def test_what_a_test_did_is_gone(
    pool: Pool, pristine: dict[str, Any], statements: str, again: bool | None
) -> None:
    with pool.lend("recycle") as lease:
        used = lease.database
        _do(lease, statements)

    with pool.lend("recycle") as lease:
        assert not difference(whole_contents(lease.database), pristine)
        assert again in (None, lease.database == used)


def test_what_other_connections_did_is_gone(pool: Pool, pristine: dict[str, Any]) -> None:
    with pool.lend("recycle") as lease, lease.database.connect() as one:
        one.execute("INSERT INTO plain (name) VALUES ('one')")
        one.commit()
        with lease.database.connect() as other:
            other.execute("UPDATE with_rows SET word = 'other'")
    one.close()

    with pool.lend("recycle") as lease:
        assert not difference(whole_contents(lease.database), pristine)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER DATABASE {database} SET search_path TO other",
        "ALTER DATABASE {database} SET work_mem TO '1MB'",
        "ALTER DATABASE {database} CONNECTION LIMIT 50",
        "COMMENT ON DATABASE {database} IS 'a comment'",
        "GRANT CREATE ON DATABASE {database} TO public",
        "ALTER ROLE chopsticks_app IN DATABASE {database} SET work_mem TO '1MB'",
    ],
)
def test_a_database_whose_properties_were_changed_is_not_lent_again(
    pool: Pool, pristine: dict[str, Any], statement: str
) -> None:
    with pool.lend("recycle") as lease:
        used = lease.database
        _do(lease, statement.format(database=used.name))

    with pool.lend("recycle") as lease:
        assert lease.database != used
        assert not difference(whole_contents(lease.database), pristine)


@pytest.mark.parametrize("turn", range(5))
def test_a_property_changed_by_a_session_that_has_just_ended(pool: Pool, turn: int) -> None:
    """It ends in the background, and tells of what it wrote only then."""
    with pool.lend("recycle") as lease:
        used = lease.database
        with used.connect() as connection:
            name = psycopg.sql.Identifier(used.name)
            statement = psycopg.sql.SQL("ALTER DATABASE {} SET work_mem TO '1MB'")
            connection.execute(statement.format(name))

    with pool.lend("recycle") as lease:
        assert lease.database != used


def test_a_session_left_open_with_a_lock_is_ended_and_told(pool: Pool) -> None:
    with pool.lend("recycle") as lease:
        left = lease.database.connect()
        left.execute("LOCK TABLE plain")

    assert "LOCK TABLE plain" in str(lease.left_sessions[0])
    left.close()


@pytest.mark.parametrize("isolation", ["recycle", "clone"])
def test_a_session_left_open_is_told_with_every_isolation(pool: Pool, isolation: Isolation) -> None:
    with pool.lend(isolation) as lease:
        left = lease.database.connect()

    assert len(lease.left_sessions) == 1
    left.close()


def test_rows_committed_in_two_phases_are_gone(pool: Pool, pristine: dict[str, Any]) -> None:
    with pool.lend("recycle") as lease:
        _do(lease, "BEGIN; INSERT INTO plain VALUES (7); PREPARE TRANSACTION 'p'")
        _do(lease, "COMMIT PREPARED 'p'")

    with pool.lend("recycle") as lease:
        assert not difference(whole_contents(lease.database), pristine)


@pytest.mark.parametrize("isolation", ["recycle", "clone"])
def test_a_prepared_transaction_that_was_left_does_not_keep_its_name(
    pool: Pool, pristine: dict[str, Any], isolation: Isolation
) -> None:
    """The databases of a server share the names."""
    for _ in range(2):
        with pool.lend(isolation) as lease:
            assert not difference(whole_contents(lease.database), pristine)
            _do(lease, "BEGIN; CREATE TABLE new_one (); PREPARE TRANSACTION 'the same'")


def test_a_database_with_a_prepared_transaction_is_dropped(provider: DatabaseProvider) -> None:
    with provider.empty() as database, database.connect(autocommit=True) as connection:
        connection.execute("BEGIN; CREATE TABLE new_one (); PREPARE TRANSACTION 'p'")

    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        database.connect()


def test_a_template_whose_source_left_a_prepared_transaction(
    pool_of: Callable[[str], Pool],
) -> None:
    pool = pool_of("CREATE TABLE t (); COMMIT; BEGIN; LOCK TABLE t; PREPARE TRANSACTION 'p'")

    with pool.lend("recycle") as lease, lease.connection() as connection:
        connection.execute("LOCK TABLE t")


def test_settings_of_the_role_do_not_reach_the_next_test(pool: Pool) -> None:
    with pool.lend("recycle") as lease:
        _do(lease, "ALTER ROLE chopsticks_app SET timezone TO 'Asia/Tokyo'")

    with pool.lend("recycle") as lease, lease.database.connect() as connection:
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)


def test_the_role_keeps_its_password(pool: Pool) -> None:
    def stored(lease: Lease) -> object:
        query = "SELECT rolpassword FROM pg_authid WHERE rolname = 'chopsticks_app'"
        with lease.database.observe() as observer:
            return observer.execute(query).fetchone()

    with pool.lend("recycle") as lease:
        before = stored(lease)
        _do(lease, "ALTER ROLE chopsticks_app PASSWORD 'another'")

    with pool.lend("recycle") as lease:
        assert stored(lease) == before


def test_a_session_left_open_is_ended_and_told_with_its_last_query(pool: Pool) -> None:
    with pool.lend("recycle") as lease:
        left = lease.database.connect(application_name="forgetful")
        left.execute("INSERT INTO plain (name) VALUES ('x')")

    assert [session.application for session in lease.left_sessions] == ["forgetful"]
    assert "INSERT INTO plain" in str(lease.left_sessions[0])
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    left.close()


def test_the_lent_connection_is_as_new(pool: Pool) -> None:
    with pool.lend("recycle") as lease, lease.connection() as connection:
        connection.autocommit = True
        connection.execute("SET work_mem TO '1MB'; LISTEN x; PREPARE p AS SELECT 1")
        kept = connection

    with pool.lend("recycle") as lease, lease.connection() as connection:
        assert not connection.autocommit
        assert connection.execute("SHOW work_mem").fetchone() == ("4MB",)
        assert connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() == (0,)
        assert kept.closed


def test_a_closed_connection_is_replaced(pool: Pool) -> None:
    with pool.lend("recycle") as lease, lease.connection() as connection:
        connection.close()

    with pool.lend("recycle") as lease, lease.connection() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_database_whose_watching_session_was_killed_is_replaced(pool: Pool) -> None:
    with pool.lend("recycle") as lease:
        used = lease.database
        with used.observe(autocommit=True) as observer:
            observer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with pool.lend("recycle") as lease:
        assert lease.database != used


def test_rolled_back_whatever_the_test_does(pool: Pool) -> None:
    with pool.lend("rollback") as lease, lease.connection() as connection:
        connection.execute("INSERT INTO plain (name) VALUES ('x')")
        with pytest.raises(psycopg.ProgrammingError):
            connection.commit()
        with lease.database.connect() as other:
            other.execute("INSERT INTO unlogged VALUES (1)")

    with pool.lend("rollback") as lease, lease.connection() as connection:
        assert connection.execute("SELECT count(*) FROM unlogged").fetchone() == (0,)


def test_a_clone_is_never_used_twice(pool: Pool) -> None:
    names = set()
    for _ in range(3):
        with pool.lend("clone") as lease:
            names.add(lease.database.name)

    assert len(names) == 3


def test_a_template_whose_triggers_always_fire_is_cloned(pool_of: Callable[[str], Pool]) -> None:
    pool = pool_of(
        "CREATE TABLE t (id integer); CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RAISE ''no''; END'; CREATE TRIGGER no BEFORE DELETE ON t"
        " EXECUTE FUNCTION no(); ALTER TABLE t ENABLE ALWAYS TRIGGER no"
    )
    with pool.lend("recycle") as lease:
        used = lease.database
        _do(lease, "INSERT INTO t VALUES (1)")

    with pool.lend("recycle") as lease, lease.connection() as connection:
        assert lease.database != used
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_schema_without_tables_or_sequences(pool_of: Callable[[str], Pool]) -> None:
    pool = pool_of("SELECT 1")

    with pool.lend("recycle") as lease:
        used = lease.database
    with pool.lend("recycle") as lease:
        assert lease.database == used


def test_the_last_databases_of_failed_tests_stay(
    provider: DatabaseProvider, template: Template
) -> None:
    pool = Pool(provider, template)
    kept: list[Database] = []
    for number in range(5):
        with pool.lend("recycle") as lease:
            _do(lease, f"INSERT INTO plain (name) VALUES ('{number}')")
            lease.kept = True
            kept.append(lease.database)
    pool.close()

    assert pool.kept == kept[2:]
    with kept[-1].connect() as connection:
        assert connection.execute("SELECT name FROM plain").fetchall() == [("4",)]


def _do(lease: Lease, statements: str) -> None:
    with lease.connection() as connection:
        connection.autocommit = True
        connection.execute(statements.encode())
