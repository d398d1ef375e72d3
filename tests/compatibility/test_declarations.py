"""What a migration declares in its comments."""

from __future__ import annotations

import pytest

from pytest_chopsticks.compatibility import Verdict
from pytest_chopsticks.compatibility.declarations import read_declarations
from tests.compatibility.conftest import Judge, WriteMigration

DROP = "DROP INDEX idx_wallets_balance;\n"


@pytest.mark.parametrize(("suffix", "mark"), [(".sql", "--"), (".js", "//"), (".py", "#")])
def test_a_declaration_is_a_comment_of_its_own_line(
    write_migration: WriteMigration, suffix: str, mark: str
) -> None:
    text = f"\n  {mark} chopsticks: allow index-removed idx_a: idx_b serves the same\n"
    (declaration,) = read_declarations(write_migration(text, suffix))
    assert (declaration.line, declaration.rule, declaration.subject, declaration.reason) == (
        2,
        "index-removed",
        "idx_a",
        "idx_b serves the same",
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("-- chopsticks: allow index-removed idx_a", "write: chopsticks: allow RULE SUBJECT"),
        ("-- chopsticks: allow index-removed idx_a:  ", "write: chopsticks: allow RULE SUBJECT"),
        ("-- chopsticks: allow trigger-added t: because", "cannot be allowed by a declaration"),
    ],
)
def test_a_declaration_that_cannot_be_honoured_says_why(
    write_migration: WriteMigration, text: str, problem: str
) -> None:
    (declaration,) = read_declarations(write_migration(text))
    assert problem in str(declaration.problem)


def test_what_is_declared_is_shown_with_its_reason_and_breaks_nothing(
    judge: Judge, write_migration: WriteMigration
) -> None:
    reason = "-- chopsticks: allow index-removed idx_wallets_balance: nobody asks for it\n"
    step = judge(write_migration(reason + DROP))
    (declared,) = step.of(Verdict.DECLARED)
    assert (declared.rule, declared.reason, step.breaks) == (
        "index-removed",
        "nobody asks for it",
        (),
    )


def test_without_a_declaration_the_same_breaks(
    judge: Judge, write_migration: WriteMigration
) -> None:
    (finding,) = judge(write_migration(DROP)).breaks
    assert finding.rule == "index-removed"
    assert finding.place.line == 1


def test_no_declaration_silences_what_an_old_statement_was_seen_to_get(
    judge: Judge, write_migration: WriteMigration
) -> None:
    text = """\
-- chopsticks: allow column-removed user_pets.name: now called nickname
ALTER TABLE user_pets RENAME name TO nickname;
"""
    step = judge(write_migration(text))
    assert {finding.rule for finding in step.of(Verdict.DECLARED)} >= {"column-removed"}
    assert "old-statement-breaks" in {finding.rule for finding in step.breaks}


def test_a_declaration_that_matches_nothing_is_told(
    judge: Judge, write_migration: WriteMigration
) -> None:
    text = (
        "-- chopsticks: allow index-removed idx_gone: it is gone\nALTER TABLE user_pets ADD x int;"
    )
    notes = judge(write_migration(text)).of(Verdict.NOTED)
    assert ["it allows index-removed idx_gone, which does not happen" in n.message for n in notes]
