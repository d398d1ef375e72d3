"""Old statements before and after a migration."""

from __future__ import annotations

import pytest

from pytest_chopsticks.compatibility.old_clients import OldStatement, Outcomes, breaks, replay
from tests.compatibility.old_clients.breaking_changes import BREAKING, HARMLESS, Breaking
from tests.compatibility.owned_databases import Connection


@pytest.mark.parametrize("change", BREAKING, ids=lambda change: change.name)
def test_a_breaking_change_is_told(
    connection: Connection,
    statements: tuple[OldStatement, ...],
    before: Outcomes,
    change: Breaking,
) -> None:
    connection.execute(change.migration.encode())

    found = breaks(before, replay(connection, statements))

    told = [one.message for one in found if one.kind == change.kind]
    assert any(change.says in message for message in told), [
        f"{b.kind}: {b.message}" for b in found
    ]


@pytest.mark.parametrize("migration", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_harmless_change_is_not(
    connection: Connection,
    statements: tuple[OldStatement, ...],
    before: Outcomes,
    migration: str,
) -> None:
    connection.execute(migration.encode())

    found = breaks(before, replay(connection, statements))

    assert [one.message for one in found] == []


def test_what_follows_from_a_break_is_told_once(
    connection: Connection, statements: tuple[OldStatement, ...], before: Outcomes
) -> None:
    connection.execute("CREATE RULE swallow AS ON INSERT TO user_wallets DO INSTEAD NOTHING")

    found = breaks(before, replay(connection, statements))

    assert [(one.table, one.kind) for one in found] == [("user_wallets", "row-count")]
