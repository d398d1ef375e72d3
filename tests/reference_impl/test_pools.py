"""Pools of agents."""

import time

import pytest

from reference_impl import Implementation
from reference_impl.pools import Pools

from .conftest import Observer
from .rejected import rejected


@pytest.fixture
def pools(implementation: Implementation) -> Pools:
    return implementation.pools


def test_a_pool_is_created_as_given(pools: Pools, observer: Observer) -> None:
    before = int(time.time() * 1000)

    pools.create(
        pool_id="pool_goot27",
        owner_user_id="1",
        name="Goot's",
        visibility="public",
        meta={"a": None},
    )

    *row, created_at, updated_at = observer.row(
        "SELECT pool_id, owner_user_id, name, visibility, meta, created_at, updated_at"
        " FROM agent_pools"
    )
    assert row == ["pool_goot27", "1", "Goot's", "public", {"a": None}]
    assert before <= created_at <= updated_at <= time.time() * 1000


def test_a_pool_id_is_taken_once(pools: Pools, observer: Observer) -> None:
    pools.create("pool_a", "1", "First", "private")

    with rejected("duplicate_pool"):
        pools.create("pool_a", "2", "Second", "private")

    assert observer.value("SELECT name FROM agent_pools") == "First"


@pytest.mark.parametrize("pool_id", ["", "pool_", "a", "pool_a b", "pool_a\n"])
def test_a_pool_id_is_pool_and_a_username(pools: Pools, pool_id: str) -> None:
    with rejected("invalid_format"):
        pools.create(pool_id, "1", "name", "private")


@pytest.mark.parametrize("visibility", ["", "Public", "secret", None])
def test_nonsense_is_no_visibility(pools: Pools, visibility: str) -> None:
    with rejected("invalid_visibility"):
        pools.create("pool_a", "1", "name", visibility)


def test_nul_is_refused(pools: Pools) -> None:
    with rejected("invalid_text"):
        pools.create("pool_a", "1", "na\0me", "private")
