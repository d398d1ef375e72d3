"""Calls what an implementation claims, and keeps what came of each call."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import psycopg

from pytest_chopsticks.command_line.smoke_calls import (
    FACTS,
    PREPARATION,
    SmokeCall,
    smoke_calls,
)
from pytest_chopsticks.databases import Database
from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import Accepted, Driver, Implementation, Outcome, Target
from pytest_chopsticks.implementations.baseline import lay_baseline
from pytest_chopsticks.implementations.faults import DriverFault
from pytest_chopsticks.implementations.operations import OPERATIONS_BY_NAME
from pytest_chopsticks.implementations.redaction import MASK

Verdict: TypeAlias = Literal["answered", "refused", "fault", "not claimed"]


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one call: `answer` fits on a line, `details` is the whole story of a fault."""

    operation: str
    verdict: Verdict
    answer: str
    duration_ms: float
    details: str = ""


def run_smoke(
    implementation: Implementation, target: Target, canonical: Implementation, database: Database
) -> Iterator[Line]:
    """Migrate the empty `database`, then call everything else that is claimed, once.

    `canonical` migrates where `implementation`, which `target` describes, does not claim it.
    Nothing follows a baseline or a migration that failed, or left no table for a first row.
    """
    handshake, _ = _attempt("initialize", lambda: Accepted(_introduction(implementation), ""))
    yield handshake
    if handshake.verdict != "answered":
        return
    if target.baseline:
        laid, _ = _attempt("baseline", lambda: _lay_baseline(target, database))
        yield laid
        if laid.verdict != "answered":
            return
    migrating = implementation if "migrate" in implementation.claims else canonical
    migrated, _ = _attempt("migrate", lambda: migrating.migrate(database))
    yield migrated
    if migrated.verdict != "answered":
        return
    with database.connect(autocommit=True) as connection:
        _use_the_tables(connection)
        try:
            connection.execute(PREPARATION, FACTS)
        except psycopg.Error as error:
            yield _not_written(error)
            return
        yield from _call_all(implementation, database, connection)


def _lay_baseline(target: Target, database: Database) -> Accepted:
    lay_baseline(target, database)
    return Accepted(None, "")


def _not_written(error: psycopg.Error) -> Line:
    what = error.diag.message_primary or str(error).strip()
    details = (
        f"The row of the default agent pool, which the calls are about, was refused: {what}\n"
        "Mend the migrations first: pytest --chopsticks-db -k schema says what is missing."
    )
    return Line("tables", "fault", what, 0, details)


def _introduction(implementation: Implementation) -> str:
    words = filter(None, (implementation.name, implementation.version, implementation.language))
    clock = f"clock: {implementation.clock}"
    concurrent = "concurrent" if implementation.concurrent else "not concurrent"
    return f"{' '.join(words)}, {len(implementation.claims)} operations, {concurrent}, {clock}"


def _call_all(
    implementation: Implementation, database: Database, connection: psycopg.Connection[Any]
) -> Iterator[Line]:
    """A driver is used until its first fault; the next call gets a fresh one."""
    results: dict[str, Any] = {}
    calls = smoke_calls(results)
    call = next(calls, None)
    while call is not None:
        try:
            with implementation.open(database) as driver:
                line = None
                while call is not None and (line is None or line.verdict != "fault"):
                    line = _one(call, implementation, driver, connection, results)
                    yield line
                    call = next(calls, None)
        except ImplementationFault as fault:
            yield Line("the driver", "fault", _brief(fault), 0, str(fault))
            return


def _one(
    call: SmokeCall,
    implementation: Implementation,
    driver: Driver,
    connection: psycopg.Connection[Any],
    results: dict[str, Any],
) -> Line:
    if call.operation not in implementation.claims:
        if call.stand_in is not None:
            with suppress(psycopg.Error):  # What needs the row is called all the same.
                written = connection.execute(call.stand_in.encode(), FACTS)
                if written.description is not None:
                    results[call.operation] = {"id": (written.fetchone() or [1])[0]}
        return Line(call.operation, "not claimed", "", 0)
    line, outcome = _attempt(call.operation, lambda: driver.call(call.operation, **call.arguments))
    if isinstance(outcome, Accepted) and outcome.result is not None:
        results[call.operation] = outcome.result
    return line


def _attempt(operation: str, act: Callable[[], Outcome]) -> tuple[Line, Outcome | None]:
    started = time.perf_counter()
    try:
        outcome = act()
    except ImplementationFault as fault:
        line = Line(operation, "fault", _brief(fault), _ms_since(started), str(fault))
        return line, None
    duration = _ms_since(started)
    if isinstance(outcome, Accepted):
        return Line(operation, "answered", _shown(operation, outcome.result), duration), outcome
    name = outcome.rejection or outcome.sqlstate or "without a name"
    return Line(operation, "refused", f"{name}: {outcome.message}", duration), outcome


def _shown(operation: str, result: object) -> str:
    if not isinstance(result, dict) or operation not in OPERATIONS_BY_NAME:
        return "" if result is None else str(result)
    known = OPERATIONS_BY_NAME[operation]
    secret = {field.name for field in known.result if field.secret}
    shown = (f"{key}: {MASK if key in secret else value}" for key, value in result.items())
    return ", ".join(shown)


def _use_the_tables(connection: psycopg.Connection[Any]) -> None:
    location = importlib.import_module("pytest_chopsticks.bundled.conformance.schema_location")
    schema = location.locate_schema(connection)
    connection.execute("SELECT set_config('search_path', quote_ident(%s), false)", [schema])


def _brief(fault: ImplementationFault) -> str:
    return fault.brief if isinstance(fault, DriverFault) else fault.message


def _ms_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
