"""The schemas that the tests create: the document's own, and one with some of everything."""

from __future__ import annotations

import re
from pathlib import Path

_REPOSITORY = Path(__file__).parents[2]
_DOCUMENT = (_REPOSITORY / "conformance/DATABASE_SCHEMA.md").read_text("utf-8")

CANONICAL = [
    block.strip()
    for block in re.findall(r"^```sql\n(.*?)^```", _DOCUMENT, re.DOTALL | re.MULTILINE)
]
RICH = [
    [statement.strip() for statement in file.read_text("utf-8").split("\n\n")]
    for file in sorted((Path(__file__).parent / "rich_schema").iterdir())
]


def canonical_ddl(*, reverse: bool = False) -> str:
    """The 13 tables of the document, in its order or from the last to the first."""
    return "\n".join(reversed(CANONICAL) if reverse else CANONICAL)


def rich_ddl(*, reverse: bool = False) -> str:
    """Types, then tables, then the rest, each in order or from the last to the first."""
    stages = (reversed(stage) if reverse else stage for stage in RICH)
    return "\n".join(statement for stage in stages for statement in stage)
