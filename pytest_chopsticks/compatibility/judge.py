"""Judges migrations one by one, each on what the ones before it made."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from typing import TYPE_CHECKING

from pytest_chopsticks.compatibility.filling import fill, fill_for
from pytest_chopsticks.compatibility.history_database import HistoryDatabase
from pytest_chopsticks.compatibility.judge_options import JudgeOptions
from pytest_chopsticks.compatibility.judge_step import StepJudge
from pytest_chopsticks.compatibility.judged_step import JudgedStep
from pytest_chopsticks.databases import EMPTY, DatabaseProvider, Template

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile


def judge_history(
    files: Sequence[MigrationFile],
    databases: DatabaseProvider,
    options: JudgeOptions | None = None,
    *,
    beginning: Template = EMPTY,
    only: Collection[str] | None = None,
) -> Generator[JudgedStep, None, None]:
    """Judge each migration on a populated database at the version before it.

    `beginning` is what the first file is applied to. With `only`, migrations of other versions
    are applied and not judged. A migration that cannot be applied is told, and the next one is
    judged without it.

    Raises `DatabaseUnavailable` when a database cannot be had.
    """
    options = options or JudgeOptions()
    with databases.clone(beginning) as database:
        at = HistoryDatabase(database, options.schema)
        try:
            judge = StepJudge(at, databases, options)
            for file in files:
                fill(at, options)
                if only is None or file.version in only:
                    fill_for(at, file, options)
                    yield judge.judge(file, newest=file == files[-1])
                else:
                    judge.apply(file)
        finally:
            at.close()
