"""Real servers of every supported PostgreSQL version, and scratch repositories."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from pytest_chopsticks.servers import Server, ServerRequest, start_server
from tests.containers.engine import Engine, EngineMissing, running_engine
from tests.mutants.matrix.gathering import Gathering, add_options
from tests.plugin.scratch import Scratch, cluster_cache, scratch_in

VERSIONS = range(13, 19)
PACKAGES = Path(__file__).parent / "postgres_versions"


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    # What a shell starts in the background ignores it, and so would what the tests start and stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(Gathering(config))


class Servers(Mapping[int, Server]):
    """One server per major version, started when it is first asked for."""

    def __init__(self, programs: Mapping[int, Path], stack: ExitStack) -> None:
        self._programs = programs
        self._stack = stack
        self._running: dict[int, Server] = {}

    def __getitem__(self, major: int) -> Server:
        if major not in self._running:
            request = ServerRequest(origin="local", pg_bin=self._programs[major])
            self._running[major] = self._stack.enter_context(start_server(request))
        return self._running[major]

    def __iter__(self) -> Iterator[int]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._programs)


@pytest.fixture(scope="session")
def postgres_programs() -> dict[int, Path]:
    """The directory of the programs of each major version."""
    return {major: _hydrated(PACKAGES / f"node_modules/postgres-{major}") for major in VERSIONS}


@pytest.fixture(scope="session")
def all_postgres(postgres_programs: dict[int, Path]) -> Iterator[Mapping[int, Server]]:
    """PostgreSQL 13 to 18, by major version."""
    with ExitStack() as stack:
        yield Servers(postgres_programs, stack)


@pytest.fixture(scope="session", params=VERSIONS, ids="postgres-{}".format)
def each_postgres(all_postgres: Mapping[int, Server], request: pytest.FixtureRequest) -> Server:
    """Each of PostgreSQL 13 to 18 in turn."""
    return all_postgres[request.param]


@pytest.fixture(scope="session")
def container_engine() -> Iterator[Engine]:
    """A container engine that has the image which `ServerRequest` names by default."""
    try:
        with running_engine() as engine:
            engine.make_image(f"docker.io/library/{ServerRequest().image}")
            yield engine
    except EngineMissing as error:
        pytest.fail(str(error))


@pytest.fixture(scope="session")
def clusters() -> Iterator[Path]:
    """The cache of initialised clusters that the scratch repositories share."""
    with cluster_cache() as clusters:
        yield clusters


@pytest.fixture
def scratch(tmp_path: Path, clusters: Path) -> Iterator[Scratch]:
    """An empty repository to run pytest in."""
    with scratch_in(tmp_path, clusters) as scratch:
        yield scratch


def _hydrated(package: Path) -> Path:
    """Libraries are found by links, which npm cannot store and makes only if scripts may run."""
    if not package.is_dir():
        pytest.fail(f"{package} is missing; run: npm install --prefix tests/postgres_versions")
    for link in json.loads((package / "native/pg-symlinks.json").read_text()):
        target = package / link["target"]
        if not target.exists():
            target.symlink_to(Path(link["source"]).name)
    return package / "native/bin"
