"""One server for all judgements of a process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from pytest_chopsticks.servers import Server, ServerRequest, start_server

from .canonical_once import CanonicalOnce, canonical_once
from .judging import Judge
from .matrix.gathering import Enter, enter_for


@pytest.fixture(scope="session")
def judging_server() -> Iterator[Server]:
    with start_server(ServerRequest(origin="embedded")) as server:
        yield server


@pytest.fixture(scope="session")
def judging_dsn(judging_server: Server) -> str:
    where = judging_server.endpoint
    return f"host={where.host} port={where.port} user={judging_server.user} dbname=postgres"


@pytest.fixture(scope="session")
def canonical(judging_server: Server) -> Iterator[CanonicalOnce]:
    with canonical_once(judging_server) as plugin:
        yield plugin


@pytest.fixture
def judge(judging_dsn: str, canonical: CanonicalOnce, tmp_path: Path) -> Iterator[Judge]:
    yield Judge(judging_dsn, tmp_path, plugins=(canonical,))
    _drop_templates(judging_dsn)


@pytest.fixture
def enter(request: pytest.FixtureRequest) -> Enter:
    """Enters what failed on a mutant; fails where nothing did that is meant for it."""
    return enter_for(request.node)


def _drop_templates(dsn: str) -> None:
    """Drop what the judgement left."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        left = connection.execute(
            "SELECT datname FROM pg_database WHERE datistemplate AND datname ~ '^chopsticks_'"
        )
        for (name,) in left.fetchall():
            database = sql.Identifier(name)
            connection.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(database))
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
