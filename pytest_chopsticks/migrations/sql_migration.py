"""Runs SQL migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.migration_failed import MigrationFailed
from pytest_chopsticks.migrations.sql_parts import split_parts, statements

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile
    from pytest_chopsticks.migrations.recording_client import RecordingClient


def run_sql(file: MigrationFile, direction: str, client: RecordingClient) -> str:
    """Run the part of `file` that `direction` names; what it printed, which is nothing."""
    parts = split_parts(file)
    text = parts.up if direction == "up" else parts.down
    if not statements(text) and not (direction == "up" and parts.marked):
        raise MigrationFileError(f"{file.path} has no {direction}")
    try:
        if statements(text):
            client.run(text)
    except psycopg.Error as error:
        raise MigrationFailed(
            f"{file.path}:{_line(file, text, client, error)}: {error}", sqlstate=error.sqlstate
        ) from error
    return ""


def _line(file: MigrationFile, text: str, client: RecordingClient, error: psycopg.Error) -> int:
    """The line of the failing statement, or the one in it that the server points at."""
    failed = client.records[-1]
    place = failed.start + int(error.diag.statement_position or 1) - 1
    whole = file.content.decode("utf-8-sig")
    return whole.count("\n", 0, whole.index(text) + place) + 1
