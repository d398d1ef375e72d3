"""What a migration declares about itself, in comments of a line of their own.

-- chopsticks: allow index-removed idx_wallets_balance: idx_wallets_bank_balance serves the same

The same behind `//` in JavaScript and `#` in Python. Rule and subject are those of the finding
that it is about; the reason behind the colon is shown in every report. A declaration never
silences a confirmed break.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile

#: What the policy lets a migration do with a migration path, an analysis or a warning.
DECLARABLE_RULES = frozenset(
    {
        "collation-changed",
        "column-removed",
        "column-type-changed",
        "delete-without-where",
        "exclusive-lock-kept",
        "index-not-concurrent",
        "index-removed",
        "rewrite",
        "row-lost",
        "scan-under-lock",
        "table-removed",
        "truncate",
        "unique-removed",
        "update-without-where",
        "value-changed",
        "value-lost",
    }
)

_DECLARATION = re.compile(
    r"^[ \t]*(?:--|//|\#|\*)[ \t]*chopsticks:[ \t]*(?P<rest>.*?)[ \t]*\r?$", re.MULTILINE
)
_ALLOW = re.compile(r"allow\s+(?P<rule>[a-z-]+)\s+(?P<subject>\S+?)\s*:\s*(?P<reason>\S.*)")


@dataclass(frozen=True, slots=True)
class Declaration:
    """`problem` is set where it cannot be honoured as it stands."""

    line: int
    rule: str = ""
    subject: str = ""
    reason: str = ""
    problem: str | None = None

    def covers(self, rule: str, subject: str) -> bool:
        """Whether it is about this; the schema's name may be left out."""
        return (
            self.problem is None
            and self.rule == rule
            and self.subject in (subject, subject.rpartition(".")[2])
        )


def read_declarations(file: MigrationFile) -> tuple[Declaration, ...]:
    """The declarations in a file, honourable or not."""
    text = file.content.decode("utf-8-sig", errors="replace")
    return tuple(
        _declaration(match["rest"], text.count("\n", 0, match.start("rest")) + 1)
        for match in _DECLARATION.finditer(text)
    )


def _declaration(text: str, line: int) -> Declaration:
    match = _ALLOW.fullmatch(text)
    if match is None:
        return Declaration(line, problem="write: chopsticks: allow RULE SUBJECT: REASON")
    if match["rule"] not in DECLARABLE_RULES:
        known = ", ".join(sorted(DECLARABLE_RULES))
        return Declaration(
            line, problem=f"{match['rule']} cannot be allowed by a declaration; these can: {known}"
        )
    return Declaration(line, match["rule"], match["subject"], match["reason"])
