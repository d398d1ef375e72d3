"""What a run comes to, as the result in its report and as exit status."""

from __future__ import annotations

import pytest

from tests.plugin.scratch import Scratch

INDEX = "schema.index.user_pets.user_id"
INDEX_NAME = "schema.index-name.user_pets.user_id"
TABLE = "schema.table.user_pets"
WITHOUT_INDEX = "DROP INDEX IF EXISTS idx_user_pets_user_id"
RENAMED_INDEX = "ALTER INDEX IF EXISTS idx_user_pets_user_id RENAME TO pets_by_user"
ON_INDEX = ("-k", "(test_index or test_table) and user_pets")


def test_some_musts_not_run_is_partial(scratch: Scratch) -> None:
    scratch.describe_reference()
    outcome = scratch.judge("-k", "not (test_table and guild_settings) and test_table")
    assert outcome.report["result"] == "partial"
    assert "Result: partial" in outcome.output
    assert outcome.exit_status == 0


@pytest.mark.parametrize("host_tests", [True, False])
def test_no_requirement_run_is_an_error(host_tests: bool, scratch: Scratch) -> None:
    """Whatever else there was to run."""
    scratch.describe_reference()
    if host_tests:
        scratch.write("test_host.py", "def test_of_the_host(): pass")
    outcome = scratch.judge("-k", "test_of_the_host")
    assert outcome.report["result"] == "error"
    assert outcome.report["errors"] == ["no requirement ran"]
    assert set(outcome.statuses.values()) == {"not-run"}
    assert outcome.exit_status == 1


def test_nothing_claimed_is_an_error(scratch: Scratch) -> None:
    scratch.write(
        "acme_driver.py",
        """
        class Implementation:
            operations = []
            def __init__(self, database, token_keys): pass
        """,
    )
    scratch.describe(python="acme_driver:Implementation")
    outcome = scratch.judge("-k", "test_table")
    assert outcome.report["result"] == "error"
    assert set(outcome.ran.values()) == {"not-claimed"}
    assert outcome.exit_status == 1


def test_failed_should_fails_pytest_but_not_the_implementation(scratch: Scratch) -> None:
    scratch.describe_altered(RENAMED_INDEX)
    outcome = scratch.judge(*ON_INDEX)
    assert outcome.ran[INDEX] == "passed"
    assert outcome.ran[INDEX_NAME] == "failed"
    assert outcome.report["result"] == "partial"
    assert outcome.exit_status == 1


def test_known_failure_is_accepted_but_stays_nonconformant(scratch: Scratch) -> None:
    reason = "acme#42: add the index"
    known = {INDEX: reason, INDEX_NAME: reason, "schema.index-serves.user_pets.user_id": reason}
    scratch.describe_altered(WITHOUT_INDEX, known)
    outcome = scratch.judge(*ON_INDEX, "-rx")
    assert outcome.ran[INDEX] == "known-failure"
    assert outcome.report["result"] == "nonconformant"
    assert f"- {reason}" in outcome.output
    assert outcome.exit_status == 0


def test_known_failure_that_passes_fails(scratch: Scratch) -> None:
    scratch.describe_altered("SELECT 1", {TABLE: "acme#41: make the table"})
    outcome = scratch.judge(*ON_INDEX)
    assert outcome.ran[TABLE] == "failed"
    assert "it passes; remove the entry from chopsticks.toml" in outcome.output
    assert outcome.report["result"] == "nonconformant"
    assert outcome.exit_status == 1


def test_known_failure_of_an_unknown_requirement(scratch: Scratch) -> None:
    """A slip in an id would otherwise be found when it is too late."""
    scratch.describe_altered("SELECT 1", {"schema.tables.user_pets": "acme#41"})
    outcome = scratch.judge(*ON_INDEX)
    assert '[known-failures] "schema.tables.user_pets" is no requirement' in outcome.output
    assert "→ did you mean schema.table.user_pets?" in outcome.output
    assert outcome.report["result"] == "error"
    assert outcome.exit_status == 1
