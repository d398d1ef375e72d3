"""Area `recovery`: what was accepted outlives a crash, a dump and a return to an earlier point."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import pytest

from pytest_chopsticks.databases import Database
from pytest_chopsticks.implementations import Implementation, Target, TokenKey, new_token_key
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.run import Run
from pytest_chopsticks.servers import ServerRequest
from pytest_chopsticks.servers.base_backup import archive_log, base_backup
from pytest_chopsticks.servers.durable import durable_server
from pytest_chopsticks.violation import Violation

from .agent_registration import expect_no_token, expect_token, register_all
from .answers import ask
from .canonical_rows import canonical_row
from .canonical_schema import TABLES
from .deeds import Deed, deeds, perform
from .dumps import dumped_to, rows_as_text
from .economy_bench import ReopenedDriver
from .recovery_bench import RecoveryBench, expect_same_state, on
from .table_rows import insert
from .token_tampering import stored_token

_POINT = "chopsticks_point"
_AGENTS = range(3)
_AGENT_TOKENS = {"agents.register", "agents.token"}


@pytest.fixture(scope="module")
def bench(
    run: Run, implementation: Implementation, target: Target, schema: str
) -> Iterator[RecoveryBench]:
    shared = run.shared
    request = ServerRequest(
        origin=shared.server.origin,
        tcp=shared.server.tcp is not None,
        pg_bin=run.options.pg_bin,
    )
    with durable_server(request) as durable:
        yield RecoveryBench(implementation, target, durable, shared.role, schema)


@checks("recovery.acknowledged-survives")
def test_acknowledged_operations_survive(bench: RecoveryBench, run: Run) -> None:
    database = bench.migrated("crash")
    migrated = bench.state_of(database)
    database = bench.crashed(database)
    expect_same_state(migrated, bench.state_of(database), "what was migrated before a crash")
    possible = deeds(bench.claims, 1)
    together = run.options.profile == "quick"
    bench.with_pools(database)
    for done in [possible] if together else [[deed] for deed in possible]:
        with ReopenedDriver(bench.implementation, database) as driver:
            perform(driver, done)
            database = bench.crashed(database)
            driver.give_up()
        _expect_there(bench, database, done)


@checks("recovery.dump-restore")
def test_dump_and_restore(bench: RecoveryBench, fresh: Database) -> None:
    key = new_token_key()
    # Agents of another key would not be encrypted anew.
    others = bench.claims - {"agents.register"}
    bench.with_pools(fresh)
    _write_immutable_rows(bench, fresh)
    with bench.implementation.open(fresh, [key]) as driver:
        tokens = register_all(driver, _AGENTS) if bench.claims >= _AGENT_TOKENS else {}
    with ReopenedDriver(bench.implementation, fresh) as writing:
        perform(writing, deeds(others, 1))
    restored = bench.empty("restored")
    dumped_to(restored, fresh, bench)
    _expect_same_bytes(bench, fresh, restored)
    expect_same_state(bench.state_of(fresh), bench.state_of(restored), "a dump that was restored")
    with ReopenedDriver(bench.implementation, restored) as writing:
        perform(writing, deeds(others, 2))
    _expect_tokens(bench, restored, tokens, key)


@checks("recovery.point-in-time")
def test_point_in_time(bench: RecoveryBench) -> None:
    database = bench.with_pools(bench.migrated("point"))
    with (
        bench.observe(database) as connection,
        ReopenedDriver(bench.implementation, database) as driver,
    ):
        perform(driver, deeds(bench.claims, 1))
        with base_backup(bench.durable, connection) as backup:
            perform(driver, deeds(bench.claims, 2))
            at_point = bench.state_of(database)
            connection.execute("SELECT pg_create_restore_point(%s)", [_POINT])
            perform(driver, deeds(bench.claims, 3))
            archive_log(bench.durable, connection)
            with backup.restored_to(_POINT) as restored:
                state = bench.state_of(on(restored.server, database))
    expect_same_state(at_point, state, "a base backup restored to a named point")


def _expect_there(bench: RecoveryBench, database: Database, done: Sequence[Deed]) -> None:
    with bench.observe(database) as observer:
        for deed in done:
            if not deed.is_there(observer):
                raise Violation(
                    expected=f"after a crash, {deed.told} before it",
                    actual="it is not there, though the operation had been accepted",
                )


def _write_immutable_rows(bench: RecoveryBench, database: Database) -> None:
    """Rows with values at the edges; those of schema_migrations are the implementation's own."""
    table = next(table for table in TABLES if table.name == "transaction_log")
    with bench.observe(database) as connection:
        for number in range(3):
            insert(connection, table.name, **canonical_row(table, number))


def _expect_same_bytes(bench: RecoveryBench, source: Database, restored: Database) -> None:
    with bench.observe(source) as before, bench.observe(restored) as after:
        for table in (table.name for table in TABLES if table.immutable):
            rows, found = (rows_as_text(connection, table) for connection in (before, after))
            if rows != found:
                same = len(set(rows).intersection(found))
                raise Violation(
                    expected=f"the {len(rows)} rows of {table} are the same bytes in what was"
                    " restored",
                    actual=f"{same} of {len(found)} are",
                )


def _expect_tokens(
    bench: RecoveryBench, restored: Database, tokens: Mapping[int, str], old: TokenKey
) -> None:
    with bench.implementation.open(restored, [old]) as driver:
        for number, token in tokens.items():
            expect_token(driver, number, token, "a token from a dump that was restored")
    if tokens and "agents.rotate_key" in bench.claims:
        _expect_encrypted_anew(bench, restored, tokens, old)


def _expect_encrypted_anew(
    bench: RecoveryBench, restored: Database, tokens: Mapping[int, str], old: TokenKey
) -> None:
    new = new_token_key("key-2")
    with bench.observe(restored) as observer:
        before = {number: stored_token(observer, number) for number in tokens}
        with bench.implementation.open(restored, [old]) as driver:
            ask(driver, "agents.rotate_key", new_key=asdict(new))
        kept = [number for number in tokens if stored_token(observer, number) == before[number]]
    if kept:
        raise Violation(
            expected="after a restore, agents.rotate_key encrypts every token anew",
            actual=f"{len(kept)} of {len(tokens)} are stored as they were",
        )
    with bench.implementation.open(restored, [new]) as driver:
        for number, token in tokens.items():
            expect_token(driver, number, token, "a token that was encrypted anew after a restore")
    with bench.implementation.open(restored, [old]) as driver:
        for number in tokens:
            expect_no_token(driver, number, "a token with the key from before the restore")
