"""What is found about broken schemas judged at once is told apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from .judging import Findings, Judge
from .schema_groups import in_groups, of_mutant, together
from .schema_mutant import SchemaMutant, canonical_and
from .schema_mutants import SCHEMA_MUTANTS

NAMED = {mutant.name: mutant for mutant in SCHEMA_MUTANTS}
BROKEN = NAMED["index-partial-user_pets.user_id"]
OTHER = NAMED["column-dropped-audit_log.guild_id"]


def found(**failed: str) -> Findings:
    return Findings(frozenset(), failed, {}, {}, frozenset())


def test_every_mutant_is_in_one_group() -> None:
    judged = Counter(mutant.name for group in in_groups(SCHEMA_MUTANTS) for mutant in group)

    assert judged == Counter(NAMED.keys())


def test_no_group_breaks_a_table_twice() -> None:
    for group in in_groups(SCHEMA_MUTANTS):
        assert len({mutant.table for mutant in group}) == len(group)


@pytest.mark.parametrize(
    ("mutant", "own", "others"),
    [(BROKEN, "user_pets", "audit_log"), (OTHER, "audit_log", "user_pets")],
    ids=["first", "second"],
)
def test_a_sentence_belongs_to_the_mutant_of_its_table(
    mutant: SchemaMutant, own: str, others: str
) -> None:
    message = "changed:\n  an index of user_pets is missing\n  audit_log.guild_id is missing"

    told = of_mutant(mutant, (BROKEN, OTHER), found(shared=message)).failed["shared"]

    assert own in told
    assert others not in told


def test_what_is_about_no_table_of_the_group_is_held_against_each() -> None:
    message = "changed:\n  user_wallets.bank is missing"

    assert of_mutant(BROKEN, (BROKEN, OTHER), found(shared=message)).failed == {"shared": message}


def test_a_mutant_that_breaks_nothing_is_not_caught_by_its_neighbours(judge: Judge) -> None:
    harmless = replace(BROKEN, statements=canonical_and())
    group = (harmless, OTHER)

    findings = judge.schema(together(group), about="user_pets or audit_log or only_allowed")

    assert not of_mutant(harmless, group, findings).failed
    assert (
        OTHER.caught_by - {"migrations.from-empty"}
        <= of_mutant(OTHER, group, findings).failed.keys()
    )
