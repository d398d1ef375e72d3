"""What the judge says of one migration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_chopsticks.compatibility.findings import Family, Finding, Verdict
from pytest_chopsticks.migrations.files import MigrationFile


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """One migration with its findings, in the order of its statements.

    `applied` tells whether `up` ran to its end, so that the next migration is judged on what it
    made. `locks` are the strongest locks on tables that were there before, `held_ms` for how long
    they were held until the end, in milliseconds of this run.
    """

    file: MigrationFile
    findings: tuple[Finding, ...]
    applied: bool
    duration_s: float = 0.0
    locks: Mapping[str, str] = field(default_factory=dict)
    held_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def breaks(self) -> tuple[Finding, ...]:
        """The findings that fail their requirement."""
        return self.of(Verdict.BREAKS)

    def of(self, verdict: Verdict, family: Family | None = None) -> tuple[Finding, ...]:
        """The findings of a verdict, and of one family where one is given."""
        return tuple(
            finding
            for finding in self.findings
            if finding.verdict is verdict and family in (None, finding.family)
        )
