"""Gives the history's database the rows that a migration is judged on, and keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_chopsticks.compatibility.contents import insert_mentioned_rows, populate
from pytest_chopsticks.compatibility.contents.row_plans import fillable
from pytest_chopsticks.compatibility.mentioned_values import mentioned_values, tables_mentioned

if TYPE_CHECKING:
    from pytest_chopsticks.compatibility.history_database import HistoryDatabase
    from pytest_chopsticks.compatibility.judge_options import JudgeOptions
    from pytest_chopsticks.migrations.files import MigrationFile

#: Numbers of rows: far from those that `populate` gives, and from each other.
_BEGIN = 1_000_000
_APART = 20_000


def fill(at: HistoryDatabase, options: JudgeOptions) -> None:
    """Give rows to the tables that have none."""
    empty = at.empty_tables()
    if empty:
        populate(
            at.connection,
            at.snapshot,
            rows=options.rows,
            seed=options.seed,
            tables=empty,
            known=at.solved,
        )
        at.analyze(empty)
        at.connection.commit()


def fill_for(at: HistoryDatabase, file: MigrationFile, options: JudgeOptions) -> None:
    """Give the rows that a migration may look for to the tables that it names."""
    mentioned = mentioned_values(file)
    tables = tables_mentioned(file, frozenset(fillable(at.snapshot))) if mentioned else []
    if mentioned is None or not tables:
        return
    at.mentions += 1
    insert_mentioned_rows(
        at.connection,
        at.snapshot,
        tables,
        mentioned,
        after=_BEGIN + options.seed + at.mentions * _APART,
        known=at.solved,
    )
    at.analyze(tables)
    at.connection.commit()
