"""What a migration did to the values that were there."""

from __future__ import annotations

import pytest

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.compatibility.contents import Loss, digest, losses
from tests.compatibility.owned_databases import Connection

_TABLES = """
CREATE TABLE wallets (
  user_id text PRIMARY KEY, balance bigint, rate numeric(4, 2), ratio real, note varchar(20),
  code char(4), data json, day date, at timestamp(6), token text, list numeric[]);
INSERT INTO wallets VALUES
  ('ann', 12, 1.25, 0.1, 'hello there', 'ab', '{"a": 1}', '2026-01-01',
   '2026-01-01 01:02:03.456789',
   'xoxb-1', '{1.5,NULL}'),
  ('bob', 3000000007, 2.50, 2.5, NULL, 'abcd', '[]', NULL, NULL, 'xoxb-2', NULL)
"""


def _losses(connection: Connection, migration: str) -> tuple[Loss, ...]:
    before = digest(connection, take_snapshot(connection))
    connection.execute(migration.encode())
    return losses(before, digest(connection, take_snapshot(connection), like=before))


@pytest.mark.parametrize(
    "migration",
    [
        "SELECT",
        "ALTER TABLE wallets ALTER balance TYPE numeric",
        "ALTER TABLE wallets ALTER balance TYPE text",
        "ALTER TABLE wallets ALTER rate TYPE numeric(10, 4)",
        "ALTER TABLE wallets ALTER ratio TYPE double precision USING ratio::text::double precision",
        "ALTER TABLE wallets ALTER note TYPE text",
        "ALTER TABLE wallets ALTER code TYPE text",
        "ALTER TABLE wallets ALTER data TYPE jsonb",
        "ALTER TABLE wallets ALTER day TYPE timestamp",
        "ALTER TABLE wallets ALTER list TYPE numeric(5, 2)[]",
        "ALTER TABLE wallets ALTER user_id TYPE varchar(50)",
        "ALTER TABLE wallets ADD more text DEFAULT 'x'",
        "INSERT INTO wallets (user_id) VALUES ('eve')",
        "UPDATE wallets SET balance = balance",
        "CREATE TABLE new AS SELECT * FROM wallets ORDER BY user_id DESC; DROP TABLE wallets;"
        "ALTER TABLE new RENAME TO wallets",
    ],
)
def test_equal_values_are_no_loss(connection: Connection, migration: str) -> None:
    connection.execute(_TABLES)

    assert [loss.message for loss in _losses(connection, migration)] == []


@pytest.mark.parametrize(
    ("migration", "message"),
    [
        (
            "UPDATE wallets SET balance = 0 WHERE user_id = 'ann'",
            "wallets.balance of user_id=ann was 12, is 0",
        ),
        (
            "UPDATE wallets SET balance = 0",
            "wallets.balance of user_id=ann was 12, is 0 (and 1 more)",
        ),
        (
            "UPDATE wallets SET note = NULL",
            "wallets.note of user_id=ann was hello there, is NULL",
        ),
        (
            "UPDATE wallets SET note = 'x' WHERE note IS NULL",
            "wallets.note of user_id=bob was NULL",
        ),
        (
            "ALTER TABLE wallets ALTER rate TYPE numeric(4, 1)",
            "wallets.rate of user_id=ann was 1.25, is 1.3",
        ),
        (
            "ALTER TABLE wallets ALTER note TYPE varchar(5) USING left(note, 5)",
            "wallets.note of user_id=ann was hello there, is hello",
        ),
        (
            "ALTER TABLE wallets ALTER balance TYPE real",
            "wallets.balance of user_id=bob was 3000000007, is 3000000000",
        ),
        (
            "ALTER TABLE wallets ALTER at TYPE timestamp(0)",
            "wallets.at of user_id=ann was 2026-01-01 01:02:03.456789, is 2026-01-01 01:02:03",
        ),
        (
            "ALTER TABLE wallets ALTER at TYPE date",
            "wallets.at of user_id=ann was 2026-01-01 01:02:03.456789, is 2026-01-01",
        ),
        (
            "UPDATE wallets SET list = '{1.5}'",
            "wallets.list of user_id=ann was 1{1.5,NULL}, is 1{1.5}",
        ),
        (
            "DELETE FROM wallets WHERE user_id = 'bob'",
            "1 row of wallets is gone, among them user_id=bob",
        ),
        ("TRUNCATE wallets", "2 rows of wallets are gone, among them user_id=ann"),
        ("DROP TABLE wallets", "2 rows of wallets are gone"),
        (
            "ALTER TABLE wallets DROP note",
            "wallets.note is gone, with the values of 1 row, among them hello there of user_id=ann",
        ),
        (
            "ALTER TABLE wallets RENAME note TO remark",
            "wallets.note is gone; its values are now in wallets.remark",
        ),
        (
            "ALTER TABLE wallets RENAME TO purses",
            "wallets is gone; its values are now in purses",
        ),
        (
            "UPDATE wallets SET token = 'other'",
            "wallets.token of user_id=ann was (hidden), is (hidden) (and 1 more)",
        ),
    ],
)
def test_a_loss_is_told_with_one_value(
    connection: Connection, migration: str, message: str
) -> None:
    connection.execute(_TABLES)

    told = [loss.message for loss in _losses(connection, migration)]

    assert any(one.startswith(message) for one in told), told


@pytest.mark.parametrize(
    ("migration", "messages"),
    [
        ("UPDATE visits SET day = 2 WHERE day = 1", ["1 row of visits is gone"]),
        ("DELETE FROM visits", ["3 rows of visits are gone"]),
        ("ALTER TABLE visits DROP place", ["visits.place is gone, with the values of 2 rows"]),
        ("ALTER TABLE visits DROP nothing", []),
        ("INSERT INTO visits VALUES (9, 'rome')", []),
    ],
)
def test_rows_without_a_key_are_counted(
    connection: Connection, migration: str, messages: list[str]
) -> None:
    connection.execute("CREATE TABLE visits (day integer, place text, nothing text)")
    connection.execute("INSERT INTO visits VALUES (1, 'oslo'), (2, 'oslo'), (2, NULL)")

    assert [loss.message for loss in _losses(connection, migration)] == messages


def test_rows_are_told_by_a_unique_column_without_null(connection: Connection) -> None:
    connection.execute("CREATE TABLE codes (alias text UNIQUE, code text NOT NULL UNIQUE)")
    connection.execute("INSERT INTO codes VALUES ('a', 'x'), (NULL, 'y')")

    (loss,) = _losses(connection, "UPDATE codes SET alias = 'b' WHERE code = 'x'")

    assert loss.message == "codes.alias of code=x was a, is b"


def test_a_column_without_values_takes_nothing_with_it(connection: Connection) -> None:
    connection.execute("CREATE TABLE codes (code text PRIMARY KEY, note text)")
    connection.execute("INSERT INTO codes VALUES ('x', NULL)")

    assert _losses(connection, "ALTER TABLE codes DROP note") == ()


def test_another_table_with_other_values_is_no_new_name(connection: Connection) -> None:
    connection.execute("CREATE TABLE codes (code text PRIMARY KEY, note text)")
    connection.execute("INSERT INTO codes VALUES ('x', 'a')")

    (loss,) = _losses(
        connection, "DROP TABLE codes; CREATE TABLE names (name text PRIMARY KEY, note text)"
    )

    assert loss.message == "1 row of codes is gone"
