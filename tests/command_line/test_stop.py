"""`chopsticks stop` ends what `--chopsticks-keep-server` left."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_chopsticks.command_line import main
from pytest_chopsticks.servers import ServerRequest, start_server


@pytest.fixture(autouse=True)
def _own_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept servers are found through the cache: one of our own holds nobody else's."""
    tmp_path.chmod(0o755)
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(tmp_path / "cache"))


def test_a_kept_server_is_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    with start_server(ServerRequest(origin="embedded", keep_minutes=1)) as server:
        pass

    assert main(["stop"]) == 0
    assert str(server) in capsys.readouterr().out
    assert server.data_directory is not None
    assert not server.data_directory.exists()


def test_without_one_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stop"]) == 0
    assert "no kept server" in capsys.readouterr().out
