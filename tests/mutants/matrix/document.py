"""docs/kill-matrix.md, from the data: `python -m tests.mutants.matrix.document` writes it anew."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from pytest_chopsticks.collection import families
from tests.mutants.behaviour.correct_variants import CORRECT
from tests.mutants.correct_variants import CORRECT_VARIANTS
from tests.mutants.environments import ENVIRONMENTS

from .requirement_ids import requirement_ids
from .row import FAMILIES, Row
from .rows import all_rows

PATH = Path(__file__).parents[3] / "docs" / "kill-matrix.md"
#: As many mutants of one requirement are told apart in its line.
_TOLD = 4


def counted() -> str:
    """The sentence that README shows too."""
    rows = all_rows()
    count = Counter(row.family for row in rows)
    parts = ", ".join(f"{count[family]} of {family}" for family in FAMILIES)
    return (
        f"{len(rows)} mutants ({parts}) for {len(requirement_ids())} requirements;"
        f" {len(CORRECT_VARIANTS)} correct schemas, {len(CORRECT)} correct implementations"
        f" and {len(ENVIRONMENTS)} environments"
    )


def document() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Kill matrix"
    yield ""
    yield "Written by `python -m tests.mutants.matrix.document`; `pytest tests/mutants` proves it."
    yield ""
    yield f"{counted()}."
    yield from ("", "| requirement | mutants | such as |", "|---|---|---|")
    for family in families():
        rows = [row for row in all_rows() if any(map(_pattern(family.id).fullmatch, row.caught_by))]
        yield f"| `{family.id}` | {len(rows)} | {'; '.join(_told(rows))} |"
    yield from ("", "## Correct variants", "")
    yield from (f"- {variant.name}" for variant in CORRECT_VARIANTS)
    yield from (f"- {variant.about}" for variant in CORRECT)
    yield from (f"- {environment.name}" for environment in ENVIRONMENTS)


def _pattern(family_id: str) -> re.Pattern[str]:
    return re.compile(".+".join(map(re.escape, re.split(r"<[a-z]+>", family_id))))


def _told(rows: Iterable[Row]) -> Iterator[str]:
    """A few, as different as their place in the list makes them."""
    found = list(rows)
    step = max(1, len(found) // _TOLD)
    for row in found[::step][:_TOLD]:
        yield " ".join(row.broken.rstrip(".").split()).replace("|", r"\|").replace("<", r"\<")


if __name__ == "__main__":
    PATH.write_text(document(), "utf-8")
