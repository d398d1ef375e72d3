"""Judges migrations one by one, each on what the ones before it made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from pytest_chopsticks.compatibility.contents import populate
from pytest_chopsticks.compatibility.history_database import HistoryDatabase
from pytest_chopsticks.compatibility.judge_options import JudgeOptions
from pytest_chopsticks.compatibility.judge_step import StepJudge
from pytest_chopsticks.compatibility.judged_step import JudgedStep
from pytest_chopsticks.databases import Database, DatabaseProvider

if TYPE_CHECKING:
    from pytest_chopsticks.migrations.files import MigrationFile


def judge_history(
    files: Sequence[MigrationFile],
    databases: DatabaseProvider,
    options: JudgeOptions | None = None,
    *,
    start: Callable[[], AbstractContextManager[Database]] | None = None,
    only: Collection[str] | None = None,
) -> Generator[JudgedStep, None, None]:
    """Judge each migration on a populated database at the version before it.

    `start` lends the database that the first file is applied to, an empty one by default; it is
    filled and changed. With `only`, migrations of other versions are applied and not judged. A
    migration that cannot be applied is told, and the next one is judged without it.

    Raises `DatabaseUnavailable` when a database cannot be had.
    """
    options = options or JudgeOptions()
    with (start or databases.empty)() as database:
        at = HistoryDatabase(database, options.schema)
        try:
            judge = StepJudge(at, databases, options)
            for file in files:
                _fill(at, options)
                if only is None or file.version in only:
                    yield judge.judge(file, newest=file == files[-1])
                else:
                    judge.apply(file)
        finally:
            at.close()


def _fill(at: HistoryDatabase, options: JudgeOptions) -> None:
    """Give rows to the tables that have none, and keep them."""
    empty = at.empty_tables()
    if empty:
        populate(at.connection, at.snapshot, rows=options.rows, seed=options.seed, tables=empty)
        at.analyze(empty)
        at.connection.commit()
