"""Area `agents`: their registry, who hands them out, and how many a guild can have."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from pytest_chopsticks import strategies
from pytest_chopsticks.implementations import Accepted, Driver, Implementation, Refused
from pytest_chopsticks.requirements import checks
from pytest_chopsticks.run import Run
from pytest_chopsticks.violation import Violation

from .agent_allocation import allocated, expect_none_more, release
from .agent_registration import (
    DEFAULT_POOL,
    expect_token,
    make_pool,
    register,
    register_all,
    registration,
    set_status,
)
from .answers import ask, attempt, expect_rejected, told
from .canonical_rows import canonical_row
from .canonical_schema import AGENT_BOTS
from .clocks import now_ms
from .critical_path import calls_while_locked
from .database_state import row_versions
from .examples import examples
from .fixtures import OpenDriver
from .identities import agent_id, snowflake
from .overlapping import Meeting
from .rejection_names import Expectation, expect_names
from .table_rows import contents, expect_same_contents, insert, row_of
from .token_tampering import switch_triggers_off

LIMIT = 49
_GUILD, _OTHER_GUILD = snowflake(1), snowflake(2)
_OWN_POOL, _OTHER_POOL = "pool_own", "pool_other"
_NO_AGENT_IDS = ("", "agent", "agentsmith", "bot175928847299117063", "175928847299117063")
_NO_POOL_IDS = ("", "pool", "pool_", "goot27", "mypool_goot27")


@pytest.fixture(autouse=True)
def default_pool(observer: psycopg.Connection[Any]) -> None:
    make_pool(observer)


@checks("agents.limit")
def test_limit(
    driver: Driver,
    observer: psycopg.Connection[Any],
    implementation: Implementation,
    meeting: Meeting,
) -> None:
    register_all(driver, range(LIMIT), pool_id=DEFAULT_POOL)
    more = (registration(number, pool_id=DEFAULT_POOL) for number in (LIMIT, LIMIT + 1))
    further = [attempt(driver, "agents.register", **arguments) for arguments in more]
    allocated(driver, _GUILD, LIMIT)
    expect_none_more(driver, _GUILD, 1, f"a guild's {LIMIT + 1}th agent")
    make_pool(observer, _OWN_POOL)
    register(driver, LIMIT + 2, pool_id=_OWN_POOL)
    _select_pool(driver, observer, implementation)
    expect_none_more(driver, _GUILD, 1, f"a guild's {LIMIT + 1}th agent, from another pool")
    _select_pool(driver, observer, implementation, guild_id=_OTHER_GUILD)
    allocated(driver, _OTHER_GUILD, 1)
    release(driver, _OTHER_GUILD)
    _select_pool(driver, observer, implementation, DEFAULT_POOL, rev=1)
    release(driver, _GUILD)
    expect_none_more(driver, _GUILD, LIMIT + 1, f"{LIMIT + 1} agents at once for a guild")
    allocated(driver, _GUILD, LIMIT - 1)
    expect_none_more(driver, _GUILD, 2, f"two more agents for a guild that has {LIMIT - 1}")
    if not implementation.concurrent or any(isinstance(one, Refused) for one in further):
        return
    calls = [partial(attempt, driver, "agents.allocate", guild_id=_GUILD, count=1)] * 3
    answers = meeting.overlap(calls, "LOCK TABLE agent_bots IN ACCESS EXCLUSIVE MODE")
    if (added := sum(isinstance(answer, Accepted) for answer in answers)) > 1:
        raise Violation(
            expected=f"a guild with {LIMIT - 1} agents gets one more of three calls at once",
            actual=f"{added} are accepted, which makes {LIMIT - 1 + added}",
        )


@checks("agents.re-registration")
def test_re_registration(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    first, again, other = registration(1), registration(2, agent_id=agent_id(1)), registration(3)
    ask(driver, "agents.register", **first)
    before = contents(observer)
    answer = attempt(driver, "agents.register", **again)
    what = "registering an agent_id again"
    if isinstance(answer, Refused):
        expect_same_contents(before, contents(observer), f"{what}, which was rejected,")
    elif not isinstance(answer, Accepted):
        raise Violation(expected=f"{what} is accepted or rejected", actual=told(answer))
    there = again if isinstance(answer, Accepted) else first
    row = row_of(observer, "agent_bots", agent_id=agent_id(1))
    for column in ("client_id", "tag"):
        if row[column] != there[column]:
            raise Violation(
                expected=f"{what} leaves the row wholly as it was or replaces it wholly",
                actual=f"it was {told(answer)}, and {column} is {row[column]!r}",
            )
    expect_token(driver, 1, str(there["token"]), f"the token after {what}")
    ask(driver, "agents.register", **other)
    taken = registration(4, agent_id=agent_id(1), client_id=other["client_id"])
    what = "registering an agent_id again with the client_id of another agent"
    expect_rejected(driver, observer, what, "agents.register", **taken)


@checks("agents.allocation")
def test_allocation(
    driver: Driver, observer: psycopg.Connection[Any], implementation: Implementation
) -> None:
    for pool_id in (_OWN_POOL, _OTHER_POOL):
        make_pool(observer, pool_id)
    register_all(driver, range(5), pool_id=_OWN_POOL)
    register_all(driver, range(5, 8), pool_id=_OTHER_POOL)
    register(driver, 8)
    claimed = "agents.set_status" in implementation.claims
    set_status(driver, observer, claimed, 3, "inactive")
    set_status(driver, observer, claimed, 4, "revoked")
    _select_pool(driver, observer, implementation)

    expect_none_more(driver, _GUILD, 4, "4 agents of a pool that has 3 active ones")
    given = allocated(driver, _GUILD, 2) + allocated(driver, _GUILD, 1)
    wanted = sorted(map(agent_id, range(3)))
    if sorted(given) != wanted:
        raise Violation(
            expected=f"the 3 active agents of the guild's pool, each once: {', '.join(wanted)}",
            actual=", ".join(sorted(given)),
        )
    what = "one more agent of a pool whose active ones are all out"
    expect_none_more(driver, _GUILD, 1, what)
    release(driver, _OTHER_GUILD)
    expect_none_more(driver, _GUILD, 1, f"{what}, after another guild's were released,")
    if "settings.save" in implementation.claims:  # Who saves behind its back may not be noticed.
        release(driver, _GUILD)
        _select_pool(driver, observer, implementation, _OTHER_POOL, rev=1)
        given = allocated(driver, _GUILD, 3)
        _expect_from(_OTHER_POOL, range(5, 8), given, "that it selected since")


@checks("agents.status")
def test_status(driver: Driver, observer: psycopg.Connection[Any]) -> None:
    register_all(driver, (0, 1))
    for status in ("inactive", "active", "revoked"):
        ask(driver, "agents.set_status", agent_id=agent_id(1), status=status)
        found = row_of(observer, "agent_bots", agent_id=agent_id(1))["status"]
        if found != status:
            raise Violation(expected=f"status {status!r} after it was set", actual=f"{found!r}")
        other = row_of(observer, "agent_bots", agent_id=agent_id(0))["status"]
        if other != "active":
            raise Violation(expected="another agent stays 'active'", actual=f"{other!r}")
    for status in ("", "no such status \u2603"):
        what, number = f"the status {status!r}", 2
        register(driver, number + len(status))
        arguments = {"agent_id": agent_id(number + len(status)), "status": status}
        expect_rejected(driver, observer, what, "agents.set_status", **arguments)
    arguments = {"agent_id": agent_id(999), "status": "inactive"}
    expect_rejected(driver, observer, "a status of no agent", "agents.set_status", **arguments)


@checks("agents.default-pool")
def test_default_pool(
    driver: Driver, observer: psycopg.Connection[Any], implementation: Implementation
) -> None:
    default = _default_of_column(observer)
    make_pool(observer, default)
    make_pool(observer, _OTHER_POOL)
    register_all(driver, (1, 3))
    register(driver, 2, pool_id=_OTHER_POOL)
    for number, pool_id in ((1, default), (2, _OTHER_POOL)):
        found = row_of(observer, "agent_bots", agent_id=agent_id(number))["pool_id"]
        if found != pool_id:
            given = "" if number == 1 else f" {_OTHER_POOL}"
            raise Violation(
                expected=f"an agent registered with{given or 'out a'} pool is in {pool_id}",
                actual=f"it is in {found}",
            )
    if "agents.allocate" in implementation.claims:
        _expect_from(default, (1, 3), allocated(driver, _GUILD, 1), "as it selected none")
        _save(driver, observer, implementation, _OTHER_GUILD, {"prefix": "!"})
        what = "as its settings name none"
        _expect_from(default, (1, 3), allocated(driver, _OTHER_GUILD, 1), what)


@checks("agents.formats")
def test_formats(
    driver: Driver, observer: psycopg.Connection[Any], implementation: Implementation, run: Run
) -> None:
    for number, good in enumerate(examples(run, strategies.agent_ids(), 6), 100):
        register(driver, number, agent_id=good, pool_id=DEFAULT_POOL)
    for number, wrong in enumerate(_NO_AGENT_IDS, 2):
        arguments = registration(number, agent_id=wrong)
        expect_rejected(driver, observer, f"agent_id {wrong!r}", "agents.register", **arguments)
    if "pools.create" in implementation.claims:
        for good in ("pool_goot.27", *examples(run, strategies.pool_ids(), 6)):
            ask(driver, "pools.create", **_pool(good))
        for wrong in _NO_POOL_IDS:
            what = f"pool_id {wrong!r}"
            expect_rejected(driver, observer, what, "pools.create", **_pool(wrong))


@checks("agents.critical-path")
def test_critical_path(
    implementation: Implementation, drivers: OpenDriver, meeting: Meeting
) -> None:
    driver = drivers(unobserved=True)
    register_all(driver, range(3))
    calls: list[tuple[str, dict[str, object]]] = [
        ("agents.register", registration(3)),
        ("agents.token", {"agent_id": agent_id(1)}),
        ("agents.set_status", {"agent_id": agent_id(1), "status": "inactive"}),
        ("agents.allocate", {"guild_id": _GUILD, "count": 1}),
        ("agents.release", {"guild_id": _GUILD}),
        ("pools.create", _pool(_OWN_POOL)),
        ("runners.heartbeat", {"runner_id": "r1", "at_ms": now_ms()}),
    ]
    claimed = [call for call in calls if call[0] in implementation.claims]
    calls_while_locked(driver, meeting, claimed)


@checks("agents.session-state-in-memory")
def test_session_state_is_in_memory(
    driver: Driver, observer: psycopg.Connection[Any], schema: str
) -> None:
    register_all(driver, range(3))
    before = {table: row_versions(observer, schema, table) for table in _tables(observer, schema)}
    allocated(driver, _GUILD, 2)
    release(driver, _GUILD)
    for table, rows in before.items():
        if row_versions(observer, schema, table) != rows:
            raise Violation(
                expected="allocating and releasing agents writes no row",
                actual=f"rows of {table} were written",
            )


@checks("agents.rejection-names")
def test_rejection_names(driver: Driver) -> None:
    register_all(driver, (1, 2))
    attempt(driver, "pools.create", **_pool(_OWN_POOL))
    status, create, allocate = "agents.set_status", "pools.create", "agents.allocate"
    nobody = {"agent_id": agent_id(9), "status": "inactive"}
    nonsense = {"agent_id": agent_id(1), "status": "no such status"}
    formed = registration(3, agent_id="smith")
    many, few = {"guild_id": _GUILD, "count": LIMIT + 1}, {"guild_id": _GUILD, "count": 3}
    hidden = {**_pool("pool_hidden"), "visibility": "hidden"}
    either = ("agent_limit", "not_enough_agents")
    expect_names(
        driver,
        [
            Expectation(
                "an agent_id again", ("duplicate_agent",), "agents.register", registration(1)
            ),
            Expectation("another form", ("invalid_format",), "agents.register", formed),
            Expectation("no such agent", ("unknown_agent",), status, nobody),
            Expectation("no such status", ("invalid_status",), status, nonsense),
            Expectation("50 agents", either, allocate, many),
            Expectation("too many agents", ("not_enough_agents",), allocate, few),
            Expectation("a pool again", ("duplicate_pool",), create, _pool(_OWN_POOL)),
            Expectation("another form", ("invalid_format",), create, _pool("own")),
            Expectation("a hidden pool", ("invalid_visibility",), create, hidden),
        ],
    )


def _select_pool(
    driver: Driver,
    observer: psycopg.Connection[Any],
    implementation: Implementation,
    pool_id: str = _OWN_POOL,
    *,
    guild_id: str = _GUILD,
    rev: int = 0,
) -> None:
    """Have the guild select a pool, in its settings that are at `rev`."""
    _save(driver, observer, implementation, guild_id, {"selectedPoolId": pool_id}, rev)


def _save(
    driver: Driver,
    observer: psycopg.Connection[Any],
    implementation: Implementation,
    guild_id: str,
    data: dict[str, str],
    rev: int = 0,
) -> None:
    """By the operation where it is claimed, else as an application of version 1.0.0 does."""
    if "settings.save" in implementation.claims:
        ask(driver, "settings.save", guild_id=guild_id, data=data, expected_rev=rev)
        return
    query = (
        "INSERT INTO guild_settings AS kept (guild_id, data, rev) VALUES (%s, %s, 1)"
        " ON CONFLICT (guild_id) DO UPDATE SET data = EXCLUDED.data, rev = kept.rev + 1"
    )
    observer.execute(query, [guild_id, Jsonb(data)])


def _expect_from(pool_id: str, numbers: Iterable[int], agents: list[str], why: str) -> None:
    if strangers := sorted({*agents} - {*map(agent_id, numbers)}):
        raise Violation(
            expected=f"a guild gets its agents from {pool_id}, {why}",
            actual=f"it gets {', '.join(strangers)} from another pool",
        )


def _pool(pool_id: str) -> dict[str, object]:
    owner = snowflake(1)
    return {"pool_id": pool_id, "owner_user_id": owner, "name": "A pool", "visibility": "public"}


def _default_of_column(observer: psycopg.Connection[Any]) -> str:
    """What an insert that names no pool gives: a migration may have changed the default."""
    with observer.transaction(force_rollback=True):
        switch_triggers_off(observer)
        row = canonical_row(AGENT_BOTS, 1)
        del row["pool_id"]
        insert(observer, "agent_bots", **row)
        found = row_of(observer, "agent_bots", agent_id=row["agent_id"])["pool_id"]
        return str(found or DEFAULT_POOL)


def _tables(observer: psycopg.Connection[Any], schema: str) -> list[str]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
    return [name for (name,) in observer.execute(query, [schema])]
