"""One server for all judgements of a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from pytest_chopsticks.servers import ServerRequest, start_server

from .judging import Judge
from .matrix.gathering import Enter, enter_for


@pytest.fixture(scope="session")
def judging_dsn() -> Iterator[str]:
    with start_server(ServerRequest(origin="embedded")) as server:
        where = server.endpoint
        yield f"host={where.host} port={where.port} user={server.user} dbname=postgres"


@pytest.fixture
def judge(judging_dsn: str, tmp_path: Path) -> Iterator[Judge]:
    yield Judge(judging_dsn, tmp_path)
    _drop_databases(judging_dsn)


@pytest.fixture
def enter(request: pytest.FixtureRequest) -> Enter:
    """Enters what failed on a mutant; fails where nothing did that is meant for it."""
    return enter_for(request.node)


def _drop_databases(dsn: str) -> None:
    """Drop what the judgement left: its templates."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        left = connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^chopsticks_'")
        for (name,) in left.fetchall():
            database = sql.Identifier(name)
            connection.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(database))
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
