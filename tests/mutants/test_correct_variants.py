"""Nothing fails on a correct schema, however different it is from the document's text."""

from __future__ import annotations

import pytest

from .correct_variant import CorrectVariant
from .correct_variants import CORRECT_VARIANTS
from .judging import Judge


@pytest.mark.parametrize("variant", CORRECT_VARIANTS, ids=lambda one: one.name.replace(" ", "-"))
def test_nothing_fails_on_a_correct_variant(variant: CorrectVariant, judge: Judge) -> None:
    findings = judge.schema(
        variant.statements, areas=variant.areas, search_path=variant.search_path
    )

    assert not findings.errors
    assert findings.failed.keys() == variant.against
