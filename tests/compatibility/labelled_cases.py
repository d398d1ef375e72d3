"""The labelled migrations: `labelled/RULE.toml` holds the cases that are about that rule.

A case is a step from an old version of the schema to a new one. The old version is the canonical
schema and whatever `before` makes; `rows` inserts rows that matter, and `statements` is what the
application sends besides what anybody might send to such tables.

A good migration gives no cause for complaint under any reasonable reading of the document's Schema
Evolution Policy. A bad one must be found fault with under each family in `breaks`, in words that
contain `mentions`; `breaks` is empty where no family is more right than another. `open` names the
families that reasonable readings differ about, so that nothing can be said against either verdict.
Two follow from others: who breaks old writers may be called incompatible as well, and who loses
data may be said to give old readers other answers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pytest_chopsticks.compatibility.findings import Family

DIRECTORY = Path(__file__).parent / "labelled"


@dataclass(frozen=True, slots=True)
class LabelledCase:
    """One migration and what is true of it."""

    rule: str
    title: str
    label: Literal["good", "bad"]
    migration: str
    breaks: frozenset[Family] = frozenset()
    open: frozenset[Family] = frozenset()
    mentions: str = ""
    before: str = ""
    rows: str = ""
    statements: str = ""
    suffix: str = ".sql"
    tolerated: frozenset[Family] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tolerated", self.breaks | self.open | _implied(self.breaks))

    def __str__(self) -> str:
        return f"{self.rule}: {self.title}"


def labelled_cases() -> tuple[LabelledCase, ...]:
    """All cases, by rule and then as they stand in the file."""
    return tuple(case for path in sorted(DIRECTORY.glob("*.toml")) for case in _cases(path))


def _cases(path: Path) -> Iterator[LabelledCase]:
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
        yield _case(path.stem, entry)


def _case(rule: str, entry: dict[str, Any]) -> LabelledCase:
    breaks, may_break = (_families(entry.pop(name, [])) for name in ("breaks", "open"))
    return LabelledCase(rule, **entry, breaks=breaks, open=may_break)


def _families(names: list[str]) -> frozenset[Family]:
    return frozenset(map(Family, names))


def _implied(breaks: frozenset[Family]) -> frozenset[Family]:
    implied = set()
    if Family.OLD_WRITERS in breaks:
        implied.add(Family.BACKWARD_COMPATIBLE)
    if Family.DATA_PRESERVED in breaks:
        implied.add(Family.OLD_WRITERS)
    return frozenset(implied)
