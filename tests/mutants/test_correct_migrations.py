"""Nothing fails on an implementation whose later migrations change what the policy allows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS

from .judging import Judge

_IMPLEMENTATION = """\
import reference_impl


class Implementation(reference_impl.Implementation):
    operations = ["migrate"]

    def migrate(self, migrations={directory!r}):
        return super().migrate(migrations)
"""
_MIGRATION = """\
description = "A later change"


def up(client):
    client.execute({statement!r})
"""


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
def test_nothing_fails_after_a_later_migration(
    statement: str, judge: Judge, tmp_path: Path
) -> None:
    directory = tmp_path / "migrations"
    shutil.copytree(CANONICAL_MIGRATIONS, directory, ignore=shutil.ignore_patterns("__pycache__"))
    later = directory / "20260301_000000_later_change.py"
    later.write_text(_MIGRATION.format(statement=statement), "utf-8")
    module = tmp_path / "judged_migrations.py"
    module.write_text(_IMPLEMENTATION.format(directory=str(directory)), "utf-8")

    findings = judge.target(
        python="judged_migrations:Implementation",
        migrations=str(directory),
        areas=("schema", "migrations"),
    )

    assert not findings.errors
    assert not findings.failed
