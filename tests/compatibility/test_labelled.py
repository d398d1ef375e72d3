"""The judge against the labelled set: nothing missed, and no false alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_chopsticks.databases import DatabaseProvider, Template
from tests.compatibility.judged_cases import disagreements, judged
from tests.compatibility.labelled_cases import LabelledCase, labelled_cases


@pytest.mark.parametrize("case", labelled_cases(), ids=str)
def test_the_judge_agrees(
    case: LabelledCase, databases: DatabaseProvider, canonical_template: Template, tmp_path: Path
) -> None:
    """What is bad is found, for the reason it is bad for; what is good passes."""
    step = judged(case, databases, canonical_template, tmp_path)

    assert disagreements(case, step) == []
