"""`chopsticks accept` writes what failed in a complete run, and nothing else."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugin.scratch import Outcome, Scratch, scratch_in

INDEX = "schema.index.user_pets.user_id"
NAME = "schema.index-name.user_pets.user_id"
TABLE = "schema.table.user_pets"
CHANGED = "schema.only-allowed-changes"
WITHOUT_INDEX = "DROP INDEX IF EXISTS idx_user_pets_user_id"

#: As people write such files: comments, other quotes, and an entry that passes.
TARGET = f"""\
# What we are.
[implementation]
name = 'acme-bot'   # our name
python = "acme_driver:Implementation"

[known-failures]
# The next entry is the oldest.
'{NAME}' = "acme#42: named otherwise"   # for good
"{TABLE}" = "acme#41: make the table"
"""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory, clusters: Path) -> Iterator[Scratch]:
    """A repository that a complete run has judged: an index is missing."""
    with scratch_in(tmp_path_factory.mktemp("accept"), clusters) as scratch:
        judge_without_index(scratch)
        yield scratch


def judge_without_index(scratch: Scratch) -> None:
    scratch.describe_altered(WITHOUT_INDEX)
    driver = (scratch.root / "acme_driver.py").read_text()
    scratch.write("acme_driver.py", f'{driver}\n    operations = ["migrate"]\n')
    scratch.write("chopsticks.toml", TARGET)
    outcome = scratch.judge()
    assert outcome.statuses[INDEX] == "failed"
    assert outcome.statuses[NAME] == "known-failure"


def accept(scratch: Scratch, *arguments: str, cwd: Path | None = None) -> Outcome:
    return scratch.run([scratch.python, "-m", "pytest_chopsticks", "accept", *arguments], cwd=cwd)


def known_failures(scratch: Scratch) -> dict[str, str]:
    text = (scratch.root / "chopsticks.toml").read_text()
    return dict(tomllib.loads(text).get("known-failures", {}))


def test_failures_are_added_with_their_messages_and_what_passes_is_removed(
    judged: Scratch,
) -> None:
    judged.write("chopsticks.toml", TARGET)

    outcome = accept(judged)

    assert outcome.exit_status == 0
    known = known_failures(judged)
    assert TABLE not in known
    assert known[NAME] == "acme#42: named otherwise"
    assert known[INDEX].startswith("Expected: ")
    assert " Actual: " in known[INDEX]
    assert f"accepted  {INDEX}" in outcome.output
    assert f"removed   {TABLE}\n          it passes" in outcome.output
    assert "review [known-failures]" in outcome.output


def test_comments_and_formatting_stay(judged: Scratch) -> None:
    judged.write("chopsticks.toml", TARGET.replace("\n", "\r\n"))

    accept(judged)

    written = (judged.root / "chopsticks.toml").read_bytes().decode()
    kept = TARGET.replace(f'"{TABLE}" = "acme#41: make the table"\n', "")
    assert written.startswith(kept.replace("\n", "\r\n"))
    assert written.count("\n") == written.count("\r\n")


def test_file_without_the_table_gets_one(judged: Scratch) -> None:
    before = TARGET.partition("\n[known-failures]")[0].rstrip()
    judged.write("chopsticks.toml", before)

    accept(judged)

    written = (judged.root / "chopsticks.toml").read_text()
    assert written.startswith(f'{before}\n\n[known-failures]\n"schema.index')
    assert {INDEX, NAME, CHANGED} <= known_failures(judged).keys()


def test_next_run_ends_well_and_leaves_nothing_to_accept(scratch: Scratch) -> None:
    judge_without_index(scratch)
    accept(scratch)
    before = (scratch.root / "chopsticks.toml").read_text()

    outcome = scratch.judge()
    again = accept(scratch)

    assert outcome.exit_status == 0, outcome.output
    assert outcome.report["result"] == "nonconformant"
    assert "nothing to change" in again.output
    assert (scratch.root / "chopsticks.toml").read_text() == before


def test_it_can_be_called_from_below_and_with_the_file(judged: Scratch, tmp_path: Path) -> None:
    below = judged.root / "below"
    below.mkdir()

    assert accept(judged, cwd=below).exit_status == 0
    assert accept(judged, str(judged.root / "chopsticks.toml"), cwd=tmp_path).exit_status == 0


def test_partial_run_is_refused(scratch: Scratch) -> None:
    scratch.describe_altered(WITHOUT_INDEX)
    scratch.judge("-k", "test_index and user_pets")

    outcome = accept(scratch)

    assert outcome.exit_status == 2
    assert "was partial: " in outcome.output
    assert "→ run pytest --chopsticks-db completely" in outcome.output
    assert known_failures(scratch) == {}


def test_without_a_run_it_is_refused(scratch: Scratch) -> None:
    scratch.describe_reference()

    outcome = accept(scratch)

    assert outcome.exit_status == 2
    assert "no run of it is known" in outcome.output


def test_errors_are_never_accepted(scratch: Scratch) -> None:
    scratch.describe(migrate="echo there is no such program >&2; exit 3")
    assert scratch.judge().report["result"] == "error"

    outcome = accept(scratch)

    assert outcome.exit_status == 1
    assert "not accepted, since an error of the suite is no failure: schema." in outcome.output
    assert known_failures(scratch) == {}


def test_run_in_trouble_is_refused(scratch: Scratch) -> None:
    scratch.describe_altered(WITHOUT_INDEX, {"schema.tables.user_pets": "acme#41"})
    scratch.judge("-k", "test_index and user_pets")

    outcome = accept(scratch)

    assert outcome.exit_status == 2
    assert '"schema.tables.user_pets" is no requirement' in outcome.output
