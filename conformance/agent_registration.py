"""Registers agents, with the pools they need, and reads their tokens back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg

from pytest_chopsticks.implementations import Driver
from pytest_chopsticks.violation import Violation

from .answers import Answer, ask, attempt, expect_refusal, result_of
from .clocks import now_ms
from .identities import agent_id, new_token, snowflake

#: Where the document puts agents without a pool.
DEFAULT_POOL = "pool_goot27"

#: Numbers of client ids begin here, so that none is an agent's.
_CLIENTS = 500_000

_IN_ONE_POOL, _POOLS = 40, 30
#: An agent whose pool is not that of the first ones.
IN_ANOTHER_POOL = _IN_ONE_POOL


def registration(number: int, **changed: object) -> dict[str, object]:
    """The arguments of agents.register for agent `number`, with a new token, some `changed`.

    Beyond the first 40, agents are in further pools: a pool may be full with 49.
    """
    pool = number // _IN_ONE_POOL % _POOLS
    return {
        **({"pool_id": _further_pool(pool)} if number >= _IN_ONE_POOL else {}),
        "agent_id": agent_id(number),
        "token": new_token(),
        "client_id": snowflake(_CLIENTS + number),
        "tag": f"Agent {number:04d}#3092",
        **changed,
    }


def register(driver: Driver, number: int, **changed: object) -> str:
    """Register agent `number`, which has to be accepted; return its token."""
    arguments = registration(number, **changed)
    ask(driver, "agents.register", **arguments)
    return str(arguments["token"])


def register_all(driver: Driver, numbers: Iterable[int], **changed: object) -> dict[int, str]:
    """Register agents; return the token of each."""
    return {number: register(driver, number, **changed) for number in numbers}


def make_pool(observer: psycopg.Connection[Any], pool_id: str = DEFAULT_POOL) -> None:
    """Write a pool as an application of version 1.0.0 does, unless it is there."""
    query = (
        "INSERT INTO agent_pools (pool_id, owner_user_id, name, visibility, created_at, updated_at)"
        " VALUES (%s, %s, %s, 'public', %s, %s) ON CONFLICT (pool_id) DO NOTHING"
    )
    now = now_ms()
    observer.execute(query, [pool_id, snowflake(1), pool_id, now, now])


def make_pools(observer: psycopg.Connection[Any]) -> None:
    """Write the default pool and those of the agents beyond the first 40."""
    for pool_id in (DEFAULT_POOL, *map(_further_pool, range(_POOLS))):
        make_pool(observer, pool_id)


def read_token(driver: Driver, number: int) -> Answer:
    return attempt(driver, "agents.token", agent_id=agent_id(number))


def expect_token(driver: Driver, number: int, token: str, what: str) -> None:
    """Expect exactly this token; neither it nor what came instead is shown."""
    answer = result_of(read_token(driver, number), f"reading {what}")
    if answer.get("token") != token:
        raise Violation(expected=f"reading {what} gives it back exactly", actual="another text")


def expect_no_token(driver: Driver, number: int, what: str) -> None:
    """Expect reading to be refused."""
    expect_refusal(read_token(driver, number), f"reading {what}")


def set_status(
    driver: Driver, observer: psycopg.Connection[Any], claimed: bool, number: int, status: str
) -> None:
    """By the operation where it is claimed, else as an application of version 1.0.0 does."""
    if claimed:
        ask(driver, "agents.set_status", agent_id=agent_id(number), status=status)
        return
    observer.execute(
        "UPDATE agent_bots SET status = %s WHERE agent_id = %s", [status, agent_id(number)]
    )


def _further_pool(number: int) -> str:
    return f"pool_more{number}"
