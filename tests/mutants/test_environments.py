"""The reference passes all that it passes anywhere, on whatever server and in whatever session."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from pytest_chopsticks.bundled.conformance import AREAS

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS
from pytest_chopsticks.servers import ServerRequest, start_server

from .environments import ENVIRONMENTS, Environment, at_once
from .judging import Judge

VERSIONS = sorted({environment.major for environment in ENVIRONMENTS})

#: They need the files of a server, which the suite has of its own servers only.
NEED_THE_FILES = {
    "recovery.acknowledged-survives",
    "recovery.dump-restore",
    "recovery.point-in-time",
}


@contextmanager
def server_in(environment: Environment, programs: Path) -> Iterator[str]:
    """The connection string, for the suite, of a server in that state."""
    settings = tuple(environment.settings.items())
    request = ServerRequest(origin="local", pg_bin=programs, settings=settings)
    with start_server(request) as server:
        where = f"host={server.endpoint.host} port={server.endpoint.port} dbname=postgres"
        with psycopg.connect(f"{where} user={server.user}", autocommit=True) as connection:
            for statement in environment.statements:
                connection.execute(statement)
        yield f"{where} user={environment.user or server.user}"


@pytest.fixture
def process_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


def test_every_version_is_among_the_environments(postgres_programs: Mapping[int, Path]) -> None:
    assert {*VERSIONS} == {*postgres_programs}


@pytest.mark.parametrize("major", VERSIONS)
def test_reference_passes_in_every_environment(
    major: int,
    postgres_programs: Mapping[int, Path],
    process_in: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    environment = at_once(one for one in ENVIRONMENTS if one.major == major)
    for name, value in environment.variables.items():
        process_in.setenv(name, value)
    time.tzset()

    with server_in(environment, postgres_programs[major]) as dsn:
        findings = Judge(dsn, tmp_path).target(
            areas=AREAS,
            options=["--chopsticks-profile=quick"],
            python="reference_impl:Implementation",
            migrations=str(CANONICAL_MIGRATIONS),
        )

    assert not findings.errors
    assert not findings.failed
    assert findings.not_claimed == NEED_THE_FILES
