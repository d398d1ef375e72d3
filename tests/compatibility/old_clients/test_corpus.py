"""What a corpus is made of."""

from __future__ import annotations

from collections import Counter

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.compatibility.contents import populate
from pytest_chopsticks.compatibility.old_clients import OldStatement, Outcomes, corpus, replay
from tests.compatibility.contents.fillable_tables import FILLABLE
from tests.compatibility.owned_databases import Connection


def test_only_conflicts_are_refused(before: Outcomes) -> None:
    """Whatever else the old schema refused could break without being noticed."""
    refused = {one.sqlstate for one in before.outcomes if one.sqlstate is not None}

    assert refused == {"23505"}


def test_every_table_has_every_kind(statements: tuple[OldStatement, ...]) -> None:
    kinds = {(one.table, one.kind) for one in statements}

    for table in {table for table, _ in kinds}:
        assert {"insert", "update", "delete"} <= {kind for name, kind in kinds if name == table}


def test_a_subset_of_tables(connection: Connection) -> None:
    found = corpus(connection, take_snapshot(connection), tables={"user_pets", "agent_bots"})

    assert {one.table for one in found} == {"user_pets", "agent_bots"}


def test_it_is_the_same_every_time(
    connection: Connection, statements: tuple[OldStatement, ...]
) -> None:
    assert corpus(connection, take_snapshot(connection)) == statements


def test_statements_on_tables_of_every_kind_are_accepted(connection: Connection) -> None:
    """A first insert that the old schema refuses says nothing about a migration."""
    refused: Counter[str] = Counter()
    for name, ddl in FILLABLE.items():
        with connection.transaction(force_rollback=True):
            schema = "CREATE SCHEMA kinds; SET LOCAL search_path = kinds"
            connection.execute(schema.encode())
            connection.execute(ddl.encode())
            snapshot = take_snapshot(connection, "kinds")
            populate(connection, snapshot)
            outcomes = replay(connection, corpus(connection, snapshot)).outcomes
        whole = [one for one in outcomes if one.statement.title.endswith("every column")]
        refused[name] += sum(one.sqlstate is not None for one in whole)

    # Rows that need each other by numbers that a sequence gives cannot be written beforehand.
    assert {name for name, count in refused.items() if count} == {"deferrable"}


def test_rows_that_are_there_show_what_a_trigger_wants(connection: Connection) -> None:
    connection.execute("""
        CREATE SCHEMA taught; SET LOCAL search_path = taught;
        CREATE TABLE codes (id integer PRIMARY KEY, code text NOT NULL);
        CREATE FUNCTION demand() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
          IF new.code <> 'Zx-9' THEN RAISE EXCEPTION 'no such code'; END IF; RETURN new; END$$;
        CREATE TRIGGER demand BEFORE INSERT ON codes FOR EACH ROW EXECUTE FUNCTION demand();
        INSERT INTO codes VALUES (1, 'Zx-9')""")

    outcomes = replay(connection, corpus(connection, take_snapshot(connection))).outcomes

    whole = [one for one in outcomes if one.statement.title.endswith("names every column")]
    assert [(one.sqlstate, one.row_count) for one in whole] == [(None, 1)]


def test_replaying_leaves_nothing(
    connection: Connection, statements: tuple[OldStatement, ...]
) -> None:
    def counts() -> list[object]:
        tables = sorted({one.table for one in statements})
        return [connection.execute(f"SELECT count(*) FROM {t}".encode()).fetchone() for t in tables]

    there = counts()
    replay(connection, statements)

    assert counts() == there


def test_edges_that_go_only_one_at_a_time_are_left_out(connection: Connection) -> None:
    connection.execute("""
        CREATE SCHEMA edges; SET LOCAL search_path = edges;
        CREATE TABLE pairs (
          id serial PRIMARY KEY, a bigint NOT NULL, b bigint NOT NULL,
          CHECK (abs(a::numeric) < 1000000000000 OR abs(b::numeric) < 1000000000000))
    """)
    snapshot = take_snapshot(connection, "edges")
    populate(connection, snapshot)

    outcomes = replay(connection, corpus(connection, snapshot)).outcomes

    assert {one.sqlstate for one in outcomes if one.statement.kind == "insert"} <= {None, "23505"}
