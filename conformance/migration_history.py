"""Looks at an implementation's history of migrations from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.implementations import Accepted, Refused, Target
from pytest_chopsticks.migrations.files import MigrationFile, name_problem
from pytest_chopsticks.violation import Violation

_VERSION = "%Y%m%d_%H%M%S"


def directory_of(target: Target) -> Path:
    """The directory of migration files; requirements that need it are not claimed without."""
    assert target.migrations is not None
    return target.migrations


def a_few(files: Sequence[MigrationFile]) -> list[MigrationFile]:
    """The first, the middle and the last file: a runner may look at one end only."""
    if not files:
        return []
    return list(dict.fromkeys((files[0], files[len(files) // 2], files[-1])))


def version_before(files: Sequence[MigrationFile]) -> str:
    """A free version just before the newest; raises `MigrationFileError` if that has no time."""
    newest = files[-1]
    if problem := name_problem(newest):
        raise MigrationFileError(f"{newest.name} {problem}")
    taken = {file.version for file in files}
    moment = datetime.strptime(newest.version, _VERSION)
    while moment.strftime(_VERSION) in taken:
        moment -= timedelta(seconds=1)
    return moment.strftime(_VERSION)


def expect_reported(outcome: Accepted | Refused, version: str, what: str) -> None:
    """Expect that the implementation said something that names the version."""
    said = outcome.report if isinstance(outcome, Refused) else outcome.output
    if version not in said:
        raise Violation(
            expected=f"a report that names {version}, since {what}",
            actual=f"it says: {said.strip() or 'nothing'}",
        )
