"""A snapshot shows structure, whatever the server, the session and the order of creation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row, dict_row

from pytest_chopsticks.catalog import Snapshot, differences, take_snapshot
from pytest_chopsticks.errors import DatabaseUnavailable
from tests.catalog.ddl import canonical_ddl, rich_ddl

if TYPE_CHECKING:
    Connection = psycopg.Connection[Any]

SCHEMAS = [pytest.param(canonical_ddl, id="canonical"), pytest.param(rich_ddl, id="rich")]

HOSTILE_SETTINGS = {
    "search_path": "pg_catalog, elsewhere, scratch",
    "quote_all_identifiers": "on",
    "TimeZone": "Asia/Kathmandu",
    "DateStyle": "German",
    "IntervalStyle": "iso_8601",
    "extra_float_digits": "-10",
    "bytea_output": "escape",
    "lc_monetary": "C",
    "client_encoding": "LATIN1",
    "standard_conforming_strings": "off",
    "enable_hashjoin": "off",
    "default_transaction_read_only": "on",
    "transform_null_equals": "on",
    "array_nulls": "off",
}


def assert_equal(one: Snapshot, other: Snapshot) -> None:
    assert [str(change) for change in differences(one, other)] == []
    assert one == other


def create(connection: Connection, ddl: str) -> Snapshot:
    connection.execute(ddl)
    return take_snapshot(connection)


@pytest.mark.parametrize("ddl", SCHEMAS)
def test_is_equal_on_every_version(connections: dict[int, Connection], ddl: Any) -> None:
    newest, *others = (create(connection, ddl()) for connection in reversed(connections.values()))

    for other in others:
        assert_equal(other, newest)


@pytest.mark.parametrize("ddl", SCHEMAS)
def test_is_equal_whatever_the_order_of_creation(connection: Connection, ddl: Any) -> None:
    forwards = create(connection, ddl())
    connection.execute("DROP SCHEMA scratch CASCADE; CREATE SCHEMA scratch")

    backwards = create(connection, ddl(reverse=True))

    assert_equal(forwards, backwards)


def test_is_equal_under_another_schema_name(connection: Connection) -> None:
    in_scratch = create(connection, rich_ddl())
    connection.execute('CREATE SCHEMA "Other, schema"; SET search_path = "Other, schema"')
    try:
        elsewhere = create(connection, rich_ddl())
    finally:
        connection.execute('DROP SCHEMA "Other, schema" CASCADE')

    assert_equal(in_scratch, elsewhere)


def test_is_equal_whatever_the_session_settings(connections: dict[int, Connection]) -> None:
    for connection in connections.values():
        calm = create(connection, rich_ddl())
        for name, value in HOSTILE_SETTINGS.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))

        hostile = take_snapshot(connection, "scratch")

        assert_equal(calm, hostile)
        connection.execute("RESET ALL")


def test_names_may_be_beyond_the_client_encoding(connection: Connection) -> None:
    connection.execute('CREATE TABLE "箸" ("Ünï""code, x" text PRIMARY KEY)')
    connection.execute("SET client_encoding = LATIN1")

    snapshot = take_snapshot(connection)

    primary_key = snapshot.tables["箸"].primary_key
    assert primary_key is not None
    assert primary_key.columns == ('Ünï"code, x',)


def settings(connection: Connection) -> list[tuple[Any, ...]]:
    rows = connection.execute("SELECT name, setting, source FROM pg_settings ORDER BY name")
    return [tuple(row) for row in rows.fetchall()]


@pytest.mark.parametrize("autocommit", [True, False])
def test_leaves_an_idle_connection_idle_and_its_settings_alone(
    connection: Connection, autocommit: bool
) -> None:
    before = settings(connection)
    connection.autocommit = autocommit

    take_snapshot(connection)

    assert connection.info.transaction_status == TransactionStatus.IDLE
    assert connection.autocommit == autocommit
    connection.autocommit = True
    assert settings(connection) == before


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "SERIALIZABLE READ ONLY"])
def test_leaves_an_open_transaction_and_its_local_settings_alone(
    connection: Connection, isolation: str
) -> None:
    connection.execute("CREATE TABLE t (a int)")
    connection.execute(sql.SQL("BEGIN ISOLATION LEVEL {}").format(sql.SQL(isolation)))
    connection.execute("SET LOCAL search_path = scratch, public; SET LOCAL jit = on")
    before = settings(connection)
    clock = connection.execute("SELECT now()").fetchone()

    take_snapshot(connection)

    assert connection.info.transaction_status == TransactionStatus.INTRANS
    assert settings(connection) == before
    assert connection.execute("SELECT now()").fetchone() == clock


def test_sees_the_callers_uncommitted_changes_and_keeps_them(connection: Connection) -> None:
    connection.autocommit = False
    connection.execute("CREATE TABLE t (a int)")

    inside = take_snapshot(connection)
    connection.commit()

    assert set(inside.tables) == {"t"}
    assert take_snapshot(connection) == inside


def test_writes_nothing(connection: Connection) -> None:
    connection.execute("BEGIN")

    take_snapshot(connection)

    row = connection.execute("SELECT pg_current_xact_id_if_assigned()").fetchone()
    assert row == (None,)


@pytest.mark.parametrize("factory", [dict_row, class_row(dict)])
def test_works_with_any_row_factory(connection: Connection, factory: Any) -> None:
    connection.execute("CREATE TABLE t (a int)")
    connection.row_factory = factory

    assert set(take_snapshot(connection).tables) == {"t"}


def test_is_one_round_trip(connection: Connection, tmp_path: Any) -> None:
    trace = tmp_path / "trace"
    with trace.open("wb") as file:
        connection.pgconn.trace(file.fileno())
        take_snapshot(connection)
        connection.pgconn.untrace()

    sent = [line for line in trace.read_text("utf-8", "replace").splitlines() if "\tF\t" in line]
    assert len(sent) == 1


def test_another_schema_can_be_named(connection: Connection) -> None:
    connection.execute("CREATE TABLE t (a int); SET search_path = public")

    assert set(take_snapshot(connection, "scratch").tables) == {"t"}


def test_an_absent_schema_is_an_error_and_not_an_empty_snapshot(connection: Connection) -> None:
    with pytest.raises(DatabaseUnavailable, match="has no schema 'nowhere'"):
        take_snapshot(connection, "nowhere")


def test_a_search_path_without_schemas_is_an_error(connection: Connection) -> None:
    connection.execute("SET search_path = nowhere")

    with pytest.raises(DatabaseUnavailable, match="no schema of the search_path"):
        take_snapshot(connection)


def test_leaves_out_what_belongs_to_an_extension(connection: Connection) -> None:
    before = take_snapshot(connection)
    connection.execute("CREATE EXTENSION pg_stat_statements SCHEMA scratch")

    assert_equal(before, take_snapshot(connection))


def test_objects_of_other_schemas_are_named_with_their_schema(connection: Connection) -> None:
    connection.execute('CREATE SCHEMA "Far"; CREATE TABLE "Far".away (id int PRIMARY KEY)')
    connection.execute('CREATE TABLE t (a int REFERENCES "Far".away)')
    try:
        snapshot = take_snapshot(connection)
    finally:
        connection.execute('DROP SCHEMA "Far" CASCADE')

    assert snapshot.tables["t"].foreign_keys[0].referenced_table == "Far.away"


def test_temporary_tables_of_the_session_do_not_hide_the_schemas_own(
    connection: Connection,
) -> None:
    connection.execute("CREATE SEQUENCE s; CREATE TABLE t (a bigint DEFAULT nextval('s'))")
    before = take_snapshot(connection)
    connection.execute("CREATE TEMPORARY SEQUENCE s; CREATE TEMPORARY TABLE t (b int)")

    assert_equal(before, take_snapshot(connection))
