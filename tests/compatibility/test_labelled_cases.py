"""The labelled set is complete: pairs for every rule, and bad ones that say what is wrong."""

from __future__ import annotations

from collections import Counter

import pytest

from pytest_chopsticks.compatibility.findings import Family
from pytest_chopsticks.migrations.sql_parts import statements
from tests.compatibility.labelled_cases import LabelledCase, labelled_cases

CASES = labelled_cases()
RULES = sorted({case.rule for case in CASES})


def test_the_set_is_large() -> None:
    """One that tells judges apart has hundreds of cases, bad and good."""
    count = Counter(case.label for case in CASES)

    assert min(count["bad"], count["good"]) >= 100


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_both_labels(rule: str) -> None:
    """A judge that finds fault with everything, or with nothing, is told apart from a good one."""
    assert {case.label for case in CASES if case.rule == rule} == {"bad", "good"}


def test_titles_are_unique() -> None:
    """A case is named by its rule and its title."""
    assert [title for title, times in Counter(map(str, CASES)).items() if times > 1] == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_label_says_enough(case: LabelledCase) -> None:
    """What is bad says where and in which words; what is good breaks nothing."""
    any_family = case.open == frozenset(Family)

    assert statements(case.migration)
    assert bool(case.mentions) == (case.label == "bad")
    assert not case.breaks & case.open
    assert case.label == "good" or case.breaks or any_family
    assert case.label == "bad" or not case.breaks
