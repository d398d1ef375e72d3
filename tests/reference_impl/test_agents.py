"""The registry of agents, and handing them to guilds."""

import time
from functools import partial
from typing import Any

import pytest

from pytest_chopsticks.databases import Database
from reference_impl import Implementation
from reference_impl.agents import Agents

from .concurrency import answers, locked
from .conftest import Observer
from .rejected import rejected

AGENT = "agent175928847299117063"
GUILD = "375928847299117063"


@pytest.fixture
def agents(implementation: Implementation) -> Agents:
    return implementation.agents


def register(agents: Agents, number: int, pool_id: str | None = None) -> None:
    agents.register(f"agent{number}", f"token {number}", str(number), f"Agent#{number}", pool_id)


@pytest.fixture
def sixty(observer: Observer) -> None:
    """Sixty active agents in the default pool, agent0 to agent59."""
    observer.execute(
        "INSERT INTO agent_bots (agent_id, token, client_id, tag, created_at, updated_at)"
        " SELECT 'agent' || n, n::text, n::text, n::text, 0, 0 FROM generate_series(0, 59) n"
    )


def test_an_agent_is_registered_as_given(agents: Agents, observer: Observer) -> None:
    before = int(time.time() * 1000)

    agents.register(
        agent_id=AGENT,
        token="token",
        client_id="1",
        tag="Agent 0001#3092",
        pool_id="pool_goot",
        profile={"a": [1]},
    )

    *row, created_at, updated_at = observer.row(
        "SELECT agent_id, client_id, tag, status, pool_id, profile, created_at, updated_at"
        " FROM agent_bots"
    )
    assert row == [AGENT, "1", "Agent 0001#3092", "active", "pool_goot", {"a": [1]}]
    assert before <= created_at <= updated_at <= time.time() * 1000


def test_without_a_pool_the_default_applies(agents: Agents, observer: Observer) -> None:
    register(agents, 1)

    assert observer.rows("SELECT pool_id, profile FROM agent_bots") == [("pool_goot27", None)]


@pytest.mark.parametrize(("agent_id", "client_id"), [("agent1", "2"), ("agent2", "1")])
def test_an_agent_or_client_is_registered_once(
    agents: Agents, observer: Observer, agent_id: str, client_id: str
) -> None:
    register(agents, 1)
    before = observer.rows("SELECT * FROM agent_bots")

    with rejected("duplicate_agent"):
        agents.register(agent_id, "another token", client_id, "tag")

    assert observer.rows("SELECT * FROM agent_bots") == before


@pytest.mark.parametrize(
    "agent_id",
    ["", "agent", "175928847299117063", "Agent1", "agent1x", "agent 1", "agent1\n", "agent١"],
)
def test_an_agent_id_is_agent_and_a_snowflake(agents: Agents, agent_id: str) -> None:
    with rejected("invalid_format"):
        agents.register(agent_id, "token", "1", "tag")


@pytest.mark.parametrize("pool_id", ["", "pool_", "goot", "pool_a b", "pool_a\n", "POOL_a"])
def test_a_pool_id_is_pool_and_a_username(agents: Agents, pool_id: str) -> None:
    with rejected("invalid_format"):
        agents.register(AGENT, "token", "1", "tag", pool_id)


def test_nul_is_refused(agents: Agents, observer: Observer) -> None:
    good: dict[str, Any] = {"agent_id": AGENT, "token": "t", "client_id": "1", "tag": "tag"}
    for argument in good:
        with rejected("invalid_text"):
            agents.register(**{**good, argument: good[argument] + "\0"})
    with rejected("invalid_text"):
        agents.register(**good, profile={"a": "\0"})

    assert observer.rows("SELECT * FROM agent_bots") == []


@pytest.mark.parametrize("status", ["inactive", "revoked", "active"])
def test_a_status_is_set(agents: Agents, observer: Observer, status: str) -> None:
    register(agents, 1)

    agents.set_status(agent_id="agent1", status=status)

    assert observer.rows("SELECT status, updated_at >= created_at FROM agent_bots") == [
        (status, True)
    ]


@pytest.mark.parametrize("status", ["", "ACTIVE", "banned", None, 1])
def test_nonsense_is_no_status(agents: Agents, observer: Observer, status: Any) -> None:
    register(agents, 1)

    with rejected("invalid_status"):
        agents.set_status(agent_id="agent1", status=status)

    assert observer.value("SELECT status FROM agent_bots") == "active"


def test_an_unknown_agent_has_no_status(agents: Agents) -> None:
    with rejected("unknown_agent"):
        agents.set_status(agent_id=AGENT, status="active")


@pytest.mark.usefixtures("sixty")
def test_a_guild_can_have_49_agents(agents: Agents) -> None:
    first = agents.allocate(guild_id=GUILD, count=48)["agents"]
    last = agents.allocate(guild_id=GUILD, count=1)["agents"]

    with rejected("agent_limit"):
        agents.allocate(guild_id=GUILD, count=1)

    assert len({*first, *last}) == 49


@pytest.mark.usefixtures("sixty")
def test_the_limit_is_each_guilds_and_an_agent_is_with_one_guild(agents: Agents) -> None:
    here = agents.allocate(guild_id=GUILD, count=49)["agents"]
    there = agents.allocate(guild_id="other", count=11)["agents"]

    assert len({*here, *there}) == 60
    with rejected("not_enough_agents"):
        agents.allocate(guild_id="other", count=1)


@pytest.mark.usefixtures("sixty")
def test_more_than_there_are_is_none_at_all(agents: Agents) -> None:
    agents.allocate(guild_id="other", count=40)

    with rejected("not_enough_agents"):
        agents.allocate(guild_id=GUILD, count=21)

    assert len(agents.allocate(guild_id=GUILD, count=20)["agents"]) == 20


@pytest.mark.usefixtures("sixty")
def test_released_agents_can_be_had_again(agents: Agents) -> None:
    agents.allocate(guild_id=GUILD, count=49)

    agents.release(guild_id=GUILD)
    agents.release(guild_id=GUILD)

    assert len(agents.allocate(guild_id=GUILD, count=49)["agents"]) == 49


@pytest.mark.parametrize("count", [0, -1, 1.0, "1", True, None])
def test_a_count_is_a_whole_number_from_one(agents: Agents, count: Any) -> None:
    with rejected("invalid_quantity"):
        agents.allocate(guild_id=GUILD, count=count)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"selectedPoolId": "pool_mine"}, ["agent1"]),
        ({"selectedPoolId": None}, ["agent2"]),
        ({"selectedPoolId": 7}, ["agent2"]),
        ({}, ["agent2"]),
    ],
)
def test_only_active_agents_of_the_guilds_pool_are_handed_out(
    implementation: Implementation, data: dict[str, Any], expected: list[str]
) -> None:
    agents = implementation.agents
    implementation.settings.save(guild_id=GUILD, data=data, expected_rev=0)
    for number, pool_id in ((1, "pool_mine"), (2, None), (3, "pool_mine"), (4, None)):
        register(agents, number, pool_id)
    agents.set_status(agent_id="agent3", status="inactive")
    agents.set_status(agent_id="agent4", status="revoked")

    assert agents.allocate(guild_id=GUILD, count=1)["agents"] == expected
    with rejected("not_enough_agents"):
        agents.allocate(guild_id=GUILD, count=1)


@pytest.mark.usefixtures("sixty")
def test_concurrent_allocations_keep_to_the_limit_and_hand_none_out_twice(agents: Agents) -> None:
    answered = answers([partial(agents.allocate, GUILD, 5)] * 16)

    handed = [
        agent for answer in answered if isinstance(answer, dict) for agent in answer["agents"]
    ]
    assert len(handed) == len(set(handed)) == 45
    assert answered.count("agent_limit") == 7


@pytest.mark.usefixtures("sixty")
def test_allocating_writes_nothing(
    agents: Agents, observer: Observer, migrated_database: Database
) -> None:
    before = observer.rows("SELECT xmin::text, * FROM agent_bots")

    agents.allocate(guild_id=GUILD, count=5)
    agents.release(guild_id=GUILD)

    assert observer.rows("SELECT xmin::text, * FROM agent_bots") == before


def test_agents_need_none_of_the_other_tables(
    implementation: Implementation, migrated_database: Database, token_key: dict[str, str]
) -> None:
    others = (
        "audit_log, command_stats, command_stats_daily, user_wallets, transaction_log,"
        " user_inventory, user_streaks, user_pets, schema_migrations"
    )
    agents = implementation.agents

    with locked(migrated_database.dsn, *others.split(", ")):
        register(agents, 1)
        agents.token(agent_id="agent1")
        agents.set_status(agent_id="agent1", status="active")
        agents.allocate(guild_id=GUILD, count=1)
        agents.release(guild_id=GUILD)
        agents.rotate_key(new_key=token_key)
        implementation.pools.create("pool_a", "1", "A", "public")
        implementation.runners.heartbeat("runner", 0)
