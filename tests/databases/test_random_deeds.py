"""Whatever tests do, in whatever order and however they leave it, the next database is pristine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_chopsticks.databases import Isolation, Pool
from pytest_chopsticks.servers import Server
from tests.databases.test_recycling import DEEDS
from tests.databases.whole_contents import difference, whole_contents

#: Written rows are what recycling is about: they come up as often as everything else together.
WRITING = [statements for statements, again in DEEDS.values() if again]
OTHER = [statements for statements, again in DEEDS.values() if not again]

ENDINGS = ("autocommit", "commit", "rollback", "leave open")


@dataclass(frozen=True, slots=True)
class Deed:
    """Statements, on the lent connection or one of the test's own, and what becomes of them."""

    statements: str
    lent: bool
    ending: str


@dataclass(frozen=True, slots=True)
class Story:
    """What one test does."""

    isolation: Isolation
    deeds: list[Deed]


def inserts(rows: int) -> str:
    return f"INSERT INTO plain (name) SELECT md5(n::text) FROM generate_series(1, {rows}) n"


statements = (
    st.sampled_from(WRITING)
    | st.sampled_from(OTHER)
    | st.sampled_from(WRITING)
    | st.integers(0, 1500).map(inserts)
)
deeds = st.builds(Deed, statements, st.booleans(), st.sampled_from(ENDINGS))
stories = st.builds(
    Story, st.sampled_from(["recycle", "recycle", "rollback"]), st.lists(deeds, max_size=5)
)


@pytest.fixture(scope="session", params=(13, 18), ids="postgres-{}".format)
def each_postgres(all_postgres: Mapping[int, Server], request: pytest.FixtureRequest) -> Server:
    """One version that is read by row versions, and one that is read by counters."""
    return all_postgres[request.param]


@pytest.fixture(scope="session")
def changes(pool: Pool, pristine: dict[str, Any]) -> Callable[[], object]:
    """Compares the next test's database with a fresh clone."""

    def compare() -> object:
        with pool.lend("recycle") as lease:
            return difference(whole_contents(lease.database), pristine)

    return compare


@settings(
    derandomize=True,
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(told=st.lists(stories, min_size=1, max_size=3))
def test_next_database_is_as_a_fresh_clone(
    pool: Pool, changes: Callable[[], object], told: list[Story]
) -> None:
    for story in told:
        with forgotten() as opened, pool.lend(story.isolation) as lease, lease.connection() as lent:
            for deed in story.deeds:
                if not deed.lent:
                    opened.append(lease.database.connect())
                do(deed, lent if deed.lent else opened[-1])

    assert not changes()


@contextmanager
def forgotten() -> Iterator[list[psycopg.Connection[Any]]]:
    """Connections that are closed only when the test is over and the server has ended them."""
    opened: list[psycopg.Connection[Any]] = []
    yield opened
    for connection in opened:
        connection.close()


def do(deed: Deed, connection: psycopg.Connection[Any]) -> None:
    """One deed may make the next impossible, or have it wait for a lock: then nothing is done."""
    with suppress(psycopg.Error):
        connection.execute("SET lock_timeout = 50")
        if deed.ending == "autocommit":
            connection.commit()
            connection.autocommit = True
        connection.execute(deed.statements.encode())
        if deed.ending == "commit":
            connection.commit()
        elif deed.ending == "rollback":
            connection.rollback()
    if deed.ending != "leave open" and not deed.lent:
        connection.close()
