"""Nothing fails on an implementation whose later migrations change what the policy allows."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from .judging import Findings, Judge
from .later_migrations import judged_with

_FILE = "20260301_000000_later_change.py"
_MIGRATION = """\
description = "A later change"


def up(client):
    {comment}
    client.execute({statement!r})
"""
_DROP = "DROP INDEX idx_wallets_balance"
_INDEX = "schema.index.user_wallets.balance"
_ABOUT_INDEXES = (
    "schema::test_index",
    "schema::test_only_allowed_changes",
    "migrations::test_from_empty",
    "migrations::test_backward_compatible",
)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE user_wallets ALTER bank_capacity SET DEFAULT 25000",
        "ALTER TABLE agent_pools ALTER created_at SET DEFAULT 0",
        "ALTER TABLE user_pets ADD level integer NOT NULL DEFAULT 1",
        "CREATE TABLE playlists (id uuid PRIMARY KEY, name text NOT NULL); "
        "CREATE INDEX ON playlists (name)",
        "ALTER TABLE user_pets ADD level integer NOT NULL DEFAULT 1, "
        "ADD CHECK (level > 0) NOT VALID",
    ],
    ids=lambda statement: "-".join(statement.split()[:5]),
)
def test_nothing_fails_after_a_later_migration(statement: str, judge: Judge) -> None:
    findings = after(judge, statement)

    assert not findings.errors
    assert not findings.failed


def test_nothing_fails_when_an_index_is_removed_with_an_analysis(judge: Judge) -> None:
    comment = "# chopsticks: allow index-removed idx_wallets_balance: nobody asks who is richest"

    findings = after(judge, _DROP, comment)

    assert not findings.errors
    assert not findings.failed
    assert _INDEX in findings.passed


@pytest.mark.parametrize(
    "comment",
    [
        "# nobody asks who is richest",
        "# chopsticks: allow index-removed idx_wallets_bank: nobody asks who is richest",
        "# chopsticks: allow index-removed idx_wallets_balance:",
    ],
)
def test_an_index_that_is_removed_without_one_is_missed(judge: Judge, comment: str) -> None:
    findings = after(judge, _DROP, comment, _ABOUT_INDEXES)

    assert not findings.errors
    assert {
        _INDEX,
        "schema.only-allowed-changes",
        "migrations.from-empty",
        "migrations.backward-compatible.20260301_000000",
    } <= findings.failed.keys()


def after(
    judge: Judge,
    statement: str,
    comment: str = "pass",
    areas: Iterable[str] = ("schema", "migrations"),
) -> Findings:
    """What the suite says of an implementation with one more migration."""
    text = _MIGRATION.format(statement=statement, comment=comment)
    return judged_with(judge, _FILE, text, areas)
