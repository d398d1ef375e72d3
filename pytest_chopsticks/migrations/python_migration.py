"""Runs Python migrations, in this process."""

from __future__ import annotations

import asyncio
import inspect
import sys
import traceback
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.implementations.captured_output import captured_output
from pytest_chopsticks.migrations.migration_failed import MigrationFailed
from pytest_chopsticks.migrations.python_module import inspect_python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.migrations.files import MigrationFile
    from pytest_chopsticks.migrations.recording_client import Cursor, RecordingClient, Values


def run_python(file: MigrationFile, direction: str, client: RecordingClient) -> str:
    """Run the module's function of that name; what it printed. Coroutine functions are awaited."""
    inspect_python(file)  # Its complaint about a syntax error has the line.
    with captured_output() as output, _without_bytecode():
        try:
            with _loaded(file) as module:
                function = getattr(module, direction, None)
                if callable(function):
                    _call(function, client)
        except (Exception, SystemExit) as error:
            raise _failure(file, error, output.getvalue()) from error
    if not callable(function):
        raise MigrationFileError(f"{file.path} has no {direction}(client)")
    return output.getvalue()


class _AsyncClient:
    """For migrations that await their statements."""

    def __init__(self, client: RecordingClient) -> None:
        self._client = client

    async def execute(self, sql: str, params: Values = None) -> Cursor:
        return self._client.execute(sql, params)

    query = execute


@contextmanager
def _loaded(file: MigrationFile) -> Iterator[ModuleType]:
    """The module, which `sys.modules` knows for the time being: dataclasses look themselves up."""
    module = ModuleType(f"chopsticks_migration_{file.version}")
    module.__file__ = str(file.path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(file.content, file.path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        yield module
    finally:
        del sys.modules[module.__name__]


def _call(function: Any, client: RecordingClient) -> None:
    if inspect.iscoroutinefunction(function):
        asyncio.run(function(_AsyncClient(client)))
    else:
        function(client)


@contextmanager
def _without_bytecode() -> Iterator[None]:
    """A migration may import its neighbours, which must not leave anything behind."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _failure(file: MigrationFile, error: BaseException, output: str) -> MigrationFailed:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(file.path)]
    place = f"{file.path}:{lines[-1]}" if lines else str(file.path)
    sqlstate = getattr(error, "sqlstate", None)
    return MigrationFailed(
        f"{place}: {type(error).__name__}: {error}",
        sqlstate=sqlstate if isinstance(sqlstate, str) else None,
        output=output,
    )
