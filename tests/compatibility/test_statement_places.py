"""Where in its file a statement stands."""

from __future__ import annotations

import pytest

from pytest_chopsticks.compatibility.statement_places import StatementPlaces
from pytest_chopsticks.migrations.recording_client import RecordedStatement
from tests.compatibility.conftest import WriteMigration

PROGRAM = """\
for (const side of ['left', 'right']) {
  await client.query(`CREATE INDEX idx_${side} ON duels (${side})`);
}
await client.query('SELECT 1');
await client.query('SELECT 1');
"""


def _sent(text: str) -> RecordedStatement:
    return RecordedStatement(
        number=1,
        text=text,
        start=0,
        parameters=0,
        row_count=None,
        error=None,
        duration_s=0.0,
        call=1,
    )


def test_the_same_text_again_stands_further_down(write_migration: WriteMigration) -> None:
    places = StatementPlaces(write_migration(PROGRAM, ".mjs"))
    lines = [places.place(_sent("SELECT 1")).line for _ in range(3)]
    assert lines == [4, 5, 5]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("CREATE INDEX idx_left ON duels (left)", 2),
        ("SELECT 2", None),
        ("VACUUM", None),
    ],
)
def test_what_a_program_puts_together_is_found_by_its_beginning(
    write_migration: WriteMigration, text: str, line: int | None
) -> None:
    places = StatementPlaces(write_migration(PROGRAM, ".mjs"))
    assert places.place(_sent(text)).line == line
