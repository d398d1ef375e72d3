"""Turns findings that the migration declares into declared ones, and tells of idle declarations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pytest_chopsticks.compatibility.declarations import Declaration
from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict
from pytest_chopsticks.migrations.files import MigrationFile


def with_declarations(
    findings: Sequence[Finding], declarations: Sequence[Declaration], file: MigrationFile
) -> Iterator[Finding]:
    """The findings as they stand once the declarations are heard; the idle ones come last.

    What an old statement or an old reader was seen to get is a fact that no declaration changes.
    """
    used: set[int] = set()
    for finding in findings:
        matching = [one for one in declarations if one.covers(finding.rule, finding.subject)]
        used.update(one.line for one in matching)
        if matching and finding.verdict is Verdict.BREAKS and _may_be_declared(finding):
            yield replace(finding, verdict=Verdict.DECLARED, reason=matching[0].reason)
        else:
            yield finding
    yield from (_idle(one, file) for one in declarations if one.line not in used)


def _may_be_declared(finding: Finding) -> bool:
    return finding.family not in (Family.OLD_WRITERS, Family.DOWN_RESTORES)


def _idle(declaration: Declaration, file: MigrationFile) -> Finding:
    matches_nothing = f"it allows {declaration.rule} {declaration.subject}, which does not happen"
    return Finding(
        family=Family.BACKWARD_COMPATIBLE,
        rule="declaration",
        subject=declaration.subject,
        message=f"a declaration without effect: {declaration.problem or matches_nothing}",
        evidence=Evidence.CLAIMED,
        verdict=Verdict.NOTED,
        place=Place(file.path, declaration.line),
    )
