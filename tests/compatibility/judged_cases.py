"""Runs a labelled case through the judge, and tells what it says against what is true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS
from pytest_chopsticks.compatibility import (
    ApplicationSql,
    JudgedStep,
    JudgeOptions,
    judge_history,
)
from pytest_chopsticks.databases import Database, DatabaseProvider, Template
from pytest_chopsticks.migrations.files import MigrationFile, list_migrations
from pytest_chopsticks.migrations.run_migration import run_up
from tests.compatibility.labelled_cases import LabelledCase

_JUDGED = "20270103_000000"


def build_canonical_schema(database: Database) -> None:
    """The old version of every case, before its own `before`."""
    with database.connect() as connection:
        for file in list_migrations(CANONICAL_MIGRATIONS):
            run_up(file, connection)


def judged(
    case: LabelledCase, databases: DatabaseProvider, canonical: Template, directory: Path
) -> JudgedStep:
    """What the judge says of the case's migration; `directory` is where its files are written."""
    files = list(_history(case, directory))
    (directory / "application.sql").write_text(case.statements, encoding="utf-8")
    options = JudgeOptions(application=ApplicationSql(directory, "application.sql"))
    steps = judge_history(files, databases, options, beginning=canonical, only=[_JUDGED])
    return list(steps)[-1]


def disagreements(case: LabelledCase, step: JudgedStep) -> list[str]:
    """What is missing in the judge's findings, and what is too much."""
    found = {finding.family for finding in step.breaks}
    missed = [f"missed: nothing breaks {family}" for family in sorted(case.breaks - found)]
    if case.label == "bad" and not found:
        missed.append("missed: nothing breaks anything")
    if found and not any(case.mentions in finding.message for finding in step.breaks):
        missed.append(f"no message mentions {case.mentions}")
    too_much = [f"false alarm: {f}" for f in step.breaks if f.family not in case.tolerated]
    return missed + too_much


def _history(case: LabelledCase, directory: Path) -> Iterator[MigrationFile]:
    steps = {
        "20270101_000000_before.sql": case.before,
        "20270102_000000_rows.sql": case.rows,
        f"{_JUDGED}_judged{case.suffix}": case.migration,
    }
    for name, text in steps.items():
        if text:
            path = directory / name
            path.write_text(text, encoding="utf-8")
            yield MigrationFile(path.name, path)
