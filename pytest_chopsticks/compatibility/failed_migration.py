"""A migration that cannot be run: why, and what reading it alone tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_chopsticks.compatibility.claim_findings import claims_of_file
from pytest_chopsticks.compatibility.findings import Evidence, Family, Finding, Place, Verdict

if TYPE_CHECKING:
    from pytest_chopsticks.errors import MigrationFileError
    from pytest_chopsticks.migrations.files import MigrationFile


def failure_findings(file: MigrationFile, error: MigrationFileError) -> Iterator[Finding]:
    """The failure, then what the file's SQL claims to do."""
    yield Finding(
        family=Family.BACKWARD_COMPATIBLE,
        rule="cannot-be-run",
        subject=file.version,
        message=f"it cannot be applied to what the migrations before it made: {error}",
        evidence=Evidence.OBSERVED,
        verdict=Verdict.BREAKS,
        place=Place(file.path, _line(file, str(error))),
    )
    yield from claims_of_file(file)


def _line(file: MigrationFile, message: str) -> int | None:
    """The line that the message names, as `file:line`."""
    match = re.search(rf"{re.escape(file.name)}:(\d+)", message)
    return int(match[1]) if match else None
