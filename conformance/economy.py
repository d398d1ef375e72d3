"""Area `economy`: money is never made or lost, whatever is asked, at once, or cut short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.databases import Database, Template
from pytest_chopsticks.economy import findings
from pytest_chopsticks.errors import ImplementationFault
from pytest_chopsticks.implementations import Implementation
from pytest_chopsticks.report.reproduction import reproduction, spelled_where_called
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.run import Run

from .canonical_schema import TRANSACTION_LOG
from .concurrency_judgement import (
    expect_ends,
    expect_exact_effect,
    expect_invariants,
    expect_order,
)
from .contention import Contest, Round, contest
from .cut_operations import cut_at_locks, cut_at_random, expect_whole_or_nothing, is_killable
from .cutting import KILLED
from .disturbances import disturbances
from .economy_bench import EconomyBench
from .economy_search import EconomySearch
from .histories import History
from .immutable_tables import expect_protected
from .scenarios import alike, anything, opposite_transfers, short_programs

_TWO_WAYS = 2
_DRIVERS = 4


@pytest.fixture(scope="session")
def bench(
    request: pytest.FixtureRequest,
    run: Run,
    implementation: Implementation,
    migrated_template: Template,
    schema: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> EconomyBench:
    cache = getattr(request.config, "cache", None)
    histories: Path = (
        cache.mkdir("chopsticks-histories") if cache else tmp_path_factory.mktemp("histories")
    )
    pool = run.pool(migrated_template)

    @contextmanager
    def lend() -> Iterator[Database]:
        with pool.lend("clone") as lease:
            yield lease.database

    return EconomyBench(
        implementation,
        lend,
        schema,
        run.options.profile,
        run.options.seed,
        histories,
    )


@pytest.fixture(autouse=True)
def immutable_tables(bench: EconomyBench) -> Iterator[None]:
    """Fail on behalf of the immutable tables if one was touched, whatever the test is about."""
    yield
    bench.expect_untouched()


@pytest.fixture(scope="session")
def search(bench: EconomyBench) -> EconomySearch:
    return EconomySearch(bench)


@pytest.fixture
def reproduce(request: pytest.FixtureRequest, run: Run) -> str:
    """The command that does the same again."""
    return reproduction(run.options, spelled_where_called(request.config, request.node.nodeid))


@pytest.fixture
def save(request: pytest.FixtureRequest, bench: EconomyBench) -> Callable[[History], Path]:
    """Keeps a history that breaks a requirement; returns the file."""
    name = request.node.name
    return lambda history: history.save(bench.histories, f"{name}-{history.seed}")


@checks("economy.conservation")
def test_conservation(search: EconomySearch, reproduce: str) -> None:
    search.judge(findings.CONSERVATION, reproduce)


@checks("economy.replay")
def test_replay(search: EconomySearch, reproduce: str) -> None:
    search.judge(findings.REPLAY, reproduce)


@checks("economy.one-row-per-movement")
def test_one_row_per_movement(search: EconomySearch, reproduce: str) -> None:
    search.judge(findings.ONE_ROW, reproduce)


@checks("economy.log-append-only")
def test_log_is_append_only(search: EconomySearch, reproduce: str) -> None:
    search.judge(findings.APPEND_ONLY, reproduce)


@checks("economy.log-protected")
def test_log_is_protected(writer: psycopg.Connection[Any]) -> None:
    expect_protected(writer, TRANSACTION_LOG)


@checks("economy.never-negative")
def test_never_negative(search: EconomySearch, reproduce: str) -> None:
    search.judge(findings.NEVER_NEGATIVE, reproduce)


@checks("economy.bank-within-capacity")
def test_bank_within_capacity(search: EconomySearch, reproduce: str) -> None:
    search.judge(findings.WITHIN_CAPACITY, reproduce)


@checks("economy.totals")
def test_totals(search: EconomySearch, reproduce: str) -> None:
    search.judge(findings.TOTALS, reproduce)


@checks("economy.rejections-leave-no-trace")
def test_rejections_leave_no_trace(search: EconomySearch, reproduce: str) -> None:
    search.judge(findings.REJECTIONS, reproduce)


@checks("economy.overflow")
def test_overflow(search: EconomySearch, reproduce: str) -> None:
    search.judge(findings.OVERFLOW, reproduce)


@checks("economy.no-lost-updates")
def test_no_lost_updates(bench: EconomyBench, save: Callable[[History], Path]) -> None:
    accepted = 0
    with contest(bench, _DRIVERS) as contested:
        for round_ in chain(_alike(contested), contested.rounds(anything, _count(bench))):
            accepted += sum(one.kind == "accepted" for one in round_.history.events)
            expect_exact_effect(round_, contested.connection, save)
    if not accepted:
        raise ImplementationFault(
            "no operation was accepted while others were under way",
            hint="Nothing can be judged by this: look at economy.no-deadlock.",
        )


@checks("economy.no-deadlock")
def test_no_deadlock(bench: EconomyBench, save: Callable[[History], Path]) -> None:
    with contest(bench, _TWO_WAYS) as contested:
        count = bench.at_profile(quick=3, default=8, thorough=300)
        for round_ in contested.rounds(opposite_transfers, count):
            expect_ends(round_.history, save)


@checks("economy.atomic-under-faults")
def test_atomic_under_faults(bench: EconomyBench, save: Callable[[History], Path]) -> None:
    _expect_whole_operations_one_by_one(bench)
    with contest(bench, _DRIVERS - 1) as contested:
        for disturbance in disturbances(bench.seed, killable=is_killable(contested)):
            count = bench.at_profile(quick=1, default=3, thorough=100)
            for round_ in contested.rounds(short_programs, count, disturbance=disturbance):
                expect_order(round_.history, save)
                expect_invariants(round_.history, contested.connection, save)


def _expect_whole_operations_one_by_one(bench: EconomyBench) -> None:
    with contest(bench, 1) as contested:
        for _ in range(bench.at_profile(quick=1, default=1, thorough=20)):
            for cut in cut_at_locks(contested):
                expect_whole_or_nothing(cut)
        for cut in cut_at_random(contested, bench.at_profile(quick=5, default=15, thorough=500)):
            expect_whole_or_nothing(cut)
        if is_killable(contested):
            for cut in cut_at_locks(contested, KILLED):
                expect_whole_or_nothing(cut)
            count = bench.at_profile(quick=1, default=4, thorough=100)
            for cut in cut_at_random(contested, count, KILLED):
                expect_whole_or_nothing(cut)


@checks("economy.serialisable")
def test_serialisable(
    bench: EconomyBench, save: Callable[[History], Path], note: Callable[[str], None]
) -> None:
    gave_up = 0
    with contest(bench, _DRIVERS - 1) as contested:
        for round_ in chain(_alike(contested), contested.rounds(short_programs, _count(bench))):
            gave_up += expect_order(round_.history, save) is not None
    if gave_up:
        note(f"{gave_up} histories had too many orders to try them all")


def _alike(contested: Contest) -> Iterator[Round]:
    """Rounds in which all drivers do the same, with amounts that are too much together."""
    for operation in contested.bench.operations:
        for amount in (30, 60):
            yield from contested.rounds(alike(operation, amount), 1)


def _count(bench: EconomyBench) -> int:
    return bench.at_profile(quick=4, default=12, thorough=300)
