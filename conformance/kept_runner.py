"""Runs of an implementation, one after another, by as few processes as can be."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType

from pytest_chopsticks.databases import Database
from pytest_chopsticks.implementations import Driver, Outcome
from pytest_chopsticks.migrations.editions import Edit

from .held_by_runners import expect_no_lock_held, holds_lock
from .migration_history import History


class KeptRunner:
    """Applies one edited copy after another to a database.

    A driver that is a process is kept for all of them, until it holds a lock after a run: it may
    only give it back when it ends.
    """

    def __init__(self, history: History, database: Database) -> None:
        self._history = history
        self._database = database
        self._driver: Driver | None = None
        self._stack = ExitStack()

    def __enter__(self) -> KeptRunner:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(exc_type, exc, traceback)

    def migrate(self, *edits: Edit) -> Outcome:
        """Apply an edited copy of the directory."""
        implementation = self._history.implementation
        with self._history.edition(*edits) as edited:
            if not implementation.reusable_runner:
                return implementation.migrate(self._database, edited)
            if self._driver is None:
                runner = implementation.open_runner(self._database)
                self._driver = self._stack.enter_context(runner)
            return self._driver.call("migrate", migrations=str(edited))

    def expect_no_lock_held(self, what: str) -> None:
        """Raise a violation if a lock outlives the run and its process."""
        if self._driver is not None:
            if not holds_lock(self._database):
                return
            self._driver = None
            self._stack.close()
        expect_no_lock_held(self._database, what)
