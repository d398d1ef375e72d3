"""What the cache keeps: complete entries, as long as they are used, up to a number."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pytest_chopsticks.servers.cache import (
    KEPT_AT_MOST,
    KEPT_UNUSED,
    cache_directory,
    keep,
    mark_used,
)


@pytest.fixture
def states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(tmp_path / "cache"))
    return cache_directory("states")


def last_used(entry: Path, seconds_ago: float) -> None:
    when = time.time() - seconds_ago
    os.utime(entry, (when, when))


def names(directory: Path) -> set[str]:
    return {entry.name for entry in directory.iterdir()}


def test_entries_used_last_are_kept_up_to_a_number(states: Path) -> None:
    for number in range(KEPT_AT_MOST):
        keep(b"state", states / str(number))
        last_used(states / str(number), 1000 - number)
    mark_used(states / "0")

    keep(b"state", states / "new")

    expected = {str(number) for number in range(KEPT_AT_MOST) if number != 1}
    assert names(states) == expected | {"new"}


def test_entry_that_is_written_again_makes_no_other_go(states: Path) -> None:
    for number in range(KEPT_AT_MOST):
        keep(b"state", states / str(number))
    keep(b"another", states / "0")
    assert len(names(states)) == KEPT_AT_MOST
    assert (states / "0").read_bytes() == b"another"


@pytest.mark.parametrize(("unused", "kept"), [(KEPT_UNUSED + 60, False), (KEPT_UNUSED - 60, True)])
def test_entry_that_nothing_used_for_a_month_goes(states: Path, unused: float, kept: bool) -> None:
    keep(b"state", states / "old")
    last_used(states / "old", unused)
    keep(b"state", states / "new")
    assert names(states) == ({"old", "new"} if kept else {"new"})


def test_entry_that_makes_room_stays_whole_for_its_reader(states: Path) -> None:
    keep(b"first", states / "first")
    last_used(states / "first", 1000)
    with (states / "first").open("rb") as reader:
        for number in range(KEPT_AT_MOST):
            keep(b"state", states / str(number))
        assert not (states / "first").exists()
        assert reader.read() == b"first"
