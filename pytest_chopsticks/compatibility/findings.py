"""What the judge of migrations has to say, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from pathlib import Path


class Family(StrEnum):
    """The requirement `migrations.<family>.<version>` that a finding belongs to."""

    BACKWARD_COMPATIBLE = "backward-compatible"
    OLD_WRITERS = "old-writers"
    DATA_PRESERVED = "data-preserved"
    DOWN_RESTORES = "down-restores"
    LOCK_SAFE = "lock-safe"


class Evidence(IntEnum):
    """How a finding is known, from weak to strong."""

    CLAIMED = 1
    OBSERVED = 2
    CONFIRMED = 3


class Verdict(StrEnum):
    """What follows from a finding.

    `BREAKS` fails its requirement. `DECLARED` would, but for a declaration in the migration.
    `NOTED` is allowed and worth knowing. `NOT_ANALYSED` says what nobody looked at.
    """

    BREAKS = "breaks"
    DECLARED = "declared"
    NOTED = "noted"
    NOT_ANALYSED = "not analysed"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a migration: `line` counts from 1, and is None where it could not be told."""

    file: Path
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else str(self.file)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a migration does.

    `rule` is a slug such as `column-removed`, `subject` what it was done to (`table.column`).
    `reason` is the declaration's, where there is one.
    """

    family: Family
    rule: str
    subject: str
    message: str
    evidence: Evidence
    verdict: Verdict
    place: Place
    reason: str | None = None

    def __str__(self) -> str:
        known = self.evidence.name.lower()
        declared = f" (declared: {self.reason})" if self.reason else ""
        return f"{self.place}: {self.rule}: {self.message} [{known}]{declared}"
