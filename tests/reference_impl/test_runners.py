"""Heartbeats."""

from functools import partial
from typing import Any

import pytest

from reference_impl import Implementation
from reference_impl.runners import Runners

from .concurrency import answers
from .conftest import Observer
from .rejected import rejected

NOW = 1_771_027_200_000
ROWS = "SELECT runner_id, last_seen, meta FROM agent_runners"


@pytest.fixture
def runners(implementation: Implementation) -> Runners:
    return implementation.runners


def test_a_heartbeat_creates_and_moves(runners: Runners, observer: Observer) -> None:
    runners.heartbeat(runner_id="r", at_ms=NOW, meta={"host": "a"})
    runners.heartbeat(runner_id="r", at_ms=NOW + 1)
    assert observer.rows(ROWS) == [("r", NOW + 1, {"host": "a"})]

    runners.heartbeat(runner_id="r", at_ms=NOW + 2, meta={"host": "b"})
    assert observer.rows(ROWS) == [("r", NOW + 2, {"host": "b"})]


def test_a_late_heartbeat_moves_nothing_back(runners: Runners, observer: Observer) -> None:
    runners.heartbeat(runner_id="r", at_ms=NOW, meta={"host": "new"})

    runners.heartbeat(runner_id="r", at_ms=NOW - 1, meta={"host": "old"})

    assert observer.rows(ROWS) == [("r", NOW, {"host": "new"})]


def test_the_latest_of_concurrent_heartbeats_stays(runners: Runners, observer: Observer) -> None:
    answers([partial(runners.heartbeat, "r", NOW + n) for n in (*range(20), *range(19, 0, -1))])

    assert observer.rows(ROWS) == [("r", NOW + 19, None)]


@pytest.mark.parametrize("at_ms", [-1, 2**63, 1.5, "1", True, None])
def test_a_time_is_in_milliseconds(runners: Runners, at_ms: Any) -> None:
    with rejected("invalid_format"):
        runners.heartbeat(runner_id="r", at_ms=at_ms)
