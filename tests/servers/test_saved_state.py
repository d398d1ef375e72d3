"""A server that starts from a saved state, without the files that it makes again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from pytest_chopsticks.servers import SavedCluster, Server, ServerRequest, start_server

SIZES = """
SELECT pg_relation_size('pets', 'vm') > 0, pg_relation_size('pg_class', 'vm') > 0,
       pg_relation_size('pg_class', 'fsm') > 0, pg_relation_size('pg_database', 'vm') > 0
"""
PETS = "CREATE TABLE pets (name text); INSERT INTO pets SELECT 'Rex' FROM generate_series(1, 1000)"


@pytest.fixture
def cache(run_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def connect(server: Server) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=server.endpoint.host,
        port=server.endpoint.port,
        user=server.user,
        dbname="postgres",
        autocommit=True,
    )


def request_for(programs: Path) -> tuple[ServerRequest, SavedCluster]:
    saved = SavedCluster("project")
    return ServerRequest(origin="local", pg_bin=programs, saved=saved), saved


@pytest.mark.parametrize("major", [13, 14, 15, 16, 17, 18])
def test_server_is_whole_without_what_was_left_out(
    major: int, postgres_programs: dict[int, Path], cache: Path
) -> None:
    request, saved = request_for(postgres_programs[major])
    with start_server(request) as server, connect(server) as connection:
        connection.execute(PETS)
        connection.execute("VACUUM pets")
        saved.ready = True

    request, _ = request_for(postgres_programs[major])
    with start_server(request) as server, connect(server) as connection:
        assert connection.execute(SIZES).fetchone() == (True, False, False, False)
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
        connection.execute("CREATE TABLE more AS SELECT * FROM pets")
        assert connection.execute("SELECT count(*) FROM more").fetchone() == (1000,)
        assert connection.execute(SIZES).fetchone() == (True, True, True, True)
        assert server.data_directory
        log = (server.data_directory.parent / "log").read_text()
    assert "WARNING" not in log
    assert "ERROR" not in log


def test_state_that_no_server_starts_from_is_made_again(local_programs: Path, cache: Path) -> None:
    request, saved = request_for(local_programs)
    with start_server(request):
        saved.ready = True
    [state] = (cache / "states").iterdir()
    [cluster] = (cache / "clusters").iterdir()
    state.write_bytes(_without_control(cluster.read_bytes()))

    request, saved = request_for(local_programs)
    with start_server(request) as server, connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert not state.exists()
        saved.ready = True
    assert state.exists()


def _without_control(archive: bytes) -> bytes:
    """An intact archive of a cluster in which the most important file has another name."""
    import zlib

    body = archive[9:].replace(b"global/pg_control", b"global/pg_cntrl00")
    return b"%08x\n" % zlib.crc32(body) + body
