"""One statement that a client of the previous version sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

#: "query" is one that the user gave.
StatementKind = Literal["insert", "upsert", "update", "delete", "select", "join", "query"]


@dataclass(frozen=True, slots=True)
class OldStatement:
    """A statement, the rows it needs, and what to look at afterwards.

    `text` has its values in it. `preparations` are run before it in the same subtransaction, those
    in `if_possible` even if they are refused. `visible` is a query for the row that it wrote.
    `varying` names columns whose values differ from run to run: only whether they are NULL counts.
    `omitted` are the columns that an insert leaves to their defaults. `secrets` are values that no
    message shows. `file` and `line` say where the user wrote it.
    """

    table: str
    kind: StatementKind
    title: str
    text: str = field(repr=False)
    returns: bool = False
    preparations: tuple[str, ...] = field(default=(), repr=False)
    if_possible: tuple[str, ...] = field(default=(), repr=False)
    visible: str | None = field(default=None, repr=False)
    varying: frozenset[str] = frozenset()
    omitted: frozenset[str] = frozenset()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    file: Path | None = None
    line: int | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it from every other statement of its corpus."""
        return self.table, self.title, self.text

    def __str__(self) -> str:
        if self.file is not None:
            return f"{self.file}:{self.line}: {self.title}"
        return f"{self.table}: {self.title}"
