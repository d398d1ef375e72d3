"""Asks for agents for a guild, and words what came instead."""

from __future__ import annotations

from pytest_chopsticks.implementations import Driver
from pytest_chopsticks.violation import Violation

from .answers import ask, attempt, expect_refusal


def allocated(driver: Driver, guild_id: str, count: int) -> list[str]:
    """The agents handed to a guild: exactly so many, all different."""
    agents = list(ask(driver, "agents.allocate", guild_id=guild_id, count=count)["agents"])
    if len(agents) != count or len(set(agents)) != count:
        raise Violation(
            expected=f"{count} agents for a guild that asked for {count}, none twice",
            actual=f"{len(agents)}, of them {len(set(agents))} different ones",
        )
    return agents


def expect_none_more(driver: Driver, guild_id: str, count: int, what: str) -> None:
    """Expect a guild to be refused so many more agents."""
    expect_refusal(attempt(driver, "agents.allocate", guild_id=guild_id, count=count), what)


def release(driver: Driver, guild_id: str) -> None:
    ask(driver, "agents.release", guild_id=guild_id)
