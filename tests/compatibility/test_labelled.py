"""The judge against the labelled set: nothing missed, and no false alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_chopsticks.databases import BuiltBy, DatabaseProvider, Template
from tests.compatibility.judged_cases import build_canonical_schema, disagreements, judged
from tests.compatibility.labelled_cases import LabelledCase, labelled_cases


@pytest.fixture(scope="session")
def canonical(databases: DatabaseProvider) -> Template:
    """Version 1.0.0, to be copied for each case."""
    return databases.template(BuiltBy(build_canonical_schema))


@pytest.mark.parametrize("case", labelled_cases(), ids=str)
def test_the_judge_agrees(
    case: LabelledCase, databases: DatabaseProvider, canonical: Template, tmp_path: Path
) -> None:
    """What is bad is found, for the reason it is bad for; what is good passes."""
    step = judged(case, databases, canonical, tmp_path)

    assert disagreements(case, step) == []
