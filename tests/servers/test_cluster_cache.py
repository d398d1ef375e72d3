"""The initialised cluster is made once, and made again when its file is not intact."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_chopsticks.servers import ServerRequest, start_server


@pytest.fixture
def cache(run_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "clusters"


def start() -> None:
    with start_server(ServerRequest(origin="local")):
        pass


def test_second_start_uses_what_the_first_made(cache: Path) -> None:
    start()
    [made] = cache.iterdir()
    inode = made.stat().st_ino
    start()
    assert made.stat().st_ino == inode


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def one_bit_flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def emptied(content: bytes) -> bytes:
    return b""


def replaced(content: bytes) -> bytes:
    return b"PK\x03\x04" + bytes(100)


@pytest.mark.parametrize("damage", [halved, one_bit_flipped, emptied, replaced])
def test_damaged_cluster_is_made_again(cache: Path, damage: Callable[[bytes], bytes]) -> None:
    start()
    [made] = cache.iterdir()
    whole = made.stat().st_size
    damaged = damage(made.read_bytes())
    made.write_bytes(damaged)
    start()
    assert made.read_bytes() != damaged
    assert made.stat().st_size > whole / 2


def test_cache_that_others_can_write_is_not_used(cache: Path) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    start()
    assert list(cache.iterdir()) == []


def test_cache_that_cannot_be_made_is_done_without(
    run_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", "/dev/null/cache")
    start()
