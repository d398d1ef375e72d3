"""An application's SQL files are read, given values, and replayed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_chopsticks.catalog import take_snapshot
from pytest_chopsticks.compatibility.old_clients import (
    UserStatements,
    breaks,
    replay,
    user_statements,
)
from tests.compatibility.owned_databases import Connection


def _read(connection: Connection, directory: Path, **files: str) -> UserStatements:
    for name, text in files.items():
        (directory / f"{name}.sql").write_text(text, encoding="utf-8")
    return user_statements(connection, take_snapshot(connection), directory, "*.sql")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT balance FROM user_wallets WHERE user_id = $1",
        "SELECT balance FROM user_wallets WHERE user_id = :user_id",
        "SELECT balance FROM user_wallets WHERE user_id = @user",
        "SELECT balance FROM user_wallets WHERE user_id = %s AND '%%' <> 'x'",
        "SELECT balance FROM user_wallets WHERE user_id = %(user_id)s",
        "SELECT balance FROM user_wallets WHERE user_id = ?",
        "SELECT balance FROM user_wallets w WHERE w.user_id::text = ANY($1) AND w.bank >= $2",
        "UPDATE user_wallets SET balance = balance + $1 WHERE user_id = $2",
        "DELETE FROM user_wallets WHERE user_id IN ($1)",
        "INSERT INTO user_wallets (user_id, created_at, updated_at) VALUES ($1, $2, $3)",
        "INSERT INTO user_wallets (user_id, balance, created_at, updated_at) VALUES (?, 0, ?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET balance = user_wallets.balance RETURNING balance",
        "WITH rich AS (SELECT * FROM user_wallets WHERE balance >= 0 LIMIT $1) "
        "SELECT user_id FROM rich",
        "SELECT 1 FROM guild_settings WHERE data ? 'n' AND guild_id <> ''",
        "SELECT :id FROM user_wallets WHERE user_id = :id OR user_id = :id",
        "SELECT balance FROM user_wallets WHERE user_id <> 'INSERT INTO t (a) VALUES ($3'",
        "SELECT balance FROM user_wallets WHERE user_id <> 'INSERT INTO t (a) VALUES ($3)'",
    ],
)
def test_placeholders_get_values_that_find_rows(
    connection: Connection, tmp_path: Path, text: str
) -> None:
    found = _read(connection, tmp_path, wallet=text)

    (outcome,) = replay(connection, found.statements).outcomes

    assert found.not_run == ()
    assert (outcome.sqlstate, outcome.row_count >= 1) == (None, True)


def test_a_file_with_several_statements(connection: Connection, tmp_path: Path) -> None:
    text = """-- Wallets; what a guild sees.
-- name: richest
SELECT user_id FROM user_wallets ORDER BY balance DESC LIMIT :count;

/* pets; all of them */ SELECT 'a;b', $$;$$ FROM user_pets
  WHERE user_id = :user_id;
"""
    found = _read(connection, tmp_path, queries=text)

    assert [(one.line, one.title) for one in found.statements] == [
        (3, "richest"),
        (5, "SELECT 'a;b', $$;$$ FROM user_pets WHERE user_id = $1"),
    ]


def test_a_break_names_file_and_line(connection: Connection, tmp_path: Path) -> None:
    text = "\nSELECT visibility FROM agent_bots JOIN agent_pools USING (pool_id)"
    found = _read(connection, tmp_path, pools=text)
    before = replay(connection, found.statements)
    connection.execute("ALTER TABLE agent_bots ADD visibility text")

    (broken,) = breaks(before, replay(connection, found.statements))

    assert broken.kind == "refused"
    assert broken.message.startswith("pools.sql:2: SELECT visibility FROM agent_bots")
    assert 'SQLSTATE 42702 (column reference "visibility" is ambiguous)' in broken.message


def test_an_added_column_behind_a_star_is_no_break(connection: Connection, tmp_path: Path) -> None:
    found = _read(connection, tmp_path, all="SELECT *, now(), random() FROM user_wallets")
    before = replay(connection, found.statements)
    connection.execute("ALTER TABLE user_wallets ADD note text DEFAULT 'x'")

    assert breaks(before, replay(connection, found.statements)) == ()


def test_what_cannot_run_is_told(connection: Connection, tmp_path: Path) -> None:
    text = "SELEC 1; SELECT 1 FROM nowhere; COMMIT; SELECT a ? 'b' FROM nowhere"
    found = _read(connection, tmp_path, bad=text)

    assert [str(one).split(": ", 2)[:2] for one in found.not_run] == [
        ["bad.sql:1", "not analysed"]
    ] * 4
    assert "nowhere" in found.not_run[1].reason


def test_a_file_that_is_not_utf8_is_told(connection: Connection, tmp_path: Path) -> None:
    (tmp_path / "latin.sql").write_bytes(b"SELECT '\xe4'")

    found = user_statements(connection, take_snapshot(connection), tmp_path, "*.sql")

    assert [one.file for one in found.not_run] == [Path("latin.sql")]


def test_secrets_are_in_no_message(connection: Connection, tmp_path: Path) -> None:
    found = _read(connection, tmp_path, token="SELECT tag FROM agent_bots WHERE token = $1")
    before = replay(connection, found.statements)
    row = connection.execute("SELECT token FROM agent_bots ORDER BY 1").fetchone()
    assert row is not None
    connection.execute("ALTER TABLE agent_bots ALTER token TYPE integer USING id")

    (broken,) = breaks(before, replay(connection, found.statements))

    assert "(hidden)" in broken.message
    assert row[0] not in broken.message


def test_a_text_that_only_looks_like_a_time_is_compared(
    connection: Connection, tmp_path: Path
) -> None:
    found = _read(connection, tmp_path, label="SELECT '2026-13-45Tea' FROM user_wallets LIMIT 1")
    before = replay(connection, found.statements)

    assert breaks(before, replay(connection, found.statements)) == ()


def test_a_statement_on_an_empty_table_is_replayed(connection: Connection, tmp_path: Path) -> None:
    connection.execute("CREATE TABLE letters (letter_id integer PRIMARY KEY, body text)")
    text = "SELECT body FROM letters WHERE letter_id = $1"

    found = _read(connection, tmp_path, letters=text)

    (outcome,) = replay(connection, found.statements).outcomes
    assert (found.not_run, outcome.sqlstate) == ((), None)
