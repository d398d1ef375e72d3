"""Programs are asked for their version once, and again when they are others."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_chopsticks.servers.installation import Unusable, read_version


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with an initdb; `has` puts a postgres in it."""
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", str(tmp_path / "cache"))
    directory = tmp_path / "bin"
    directory.mkdir()
    (directory / "initdb").touch(mode=0o755)
    return directory


def has(programs: Path, version: str) -> None:
    """A postgres that notes each time it is run, in the place of any other."""
    new = programs / "new"
    new.write_text(f"#!/bin/sh\necho >> {programs}/runs\necho 'postgres (PostgreSQL) {version}'\n")
    new.chmod(0o755)
    new.rename(programs / "postgres")


def runs(programs: Path) -> int:
    return len((programs / "runs").read_text().splitlines())


def test_second_look_asks_nobody(programs: Path) -> None:
    has(programs, "17.4")
    assert read_version(programs) == read_version(programs) == ("17.4", 170004)
    assert runs(programs) == 1


def test_other_program_in_the_same_place_is_asked(programs: Path) -> None:
    has(programs, "17.4")
    read_version(programs)
    has(programs, "17.5")
    assert read_version(programs) == ("17.5", 170005)


def test_program_that_may_no_longer_be_run_is_unusable(programs: Path) -> None:
    has(programs, "17.4")
    read_version(programs)
    (programs / "postgres").chmod(0o644)
    with pytest.raises(Unusable, match="not executable"):
        read_version(programs)


def test_unusable_program_is_asked_each_time(programs: Path) -> None:
    has(programs, "12.1")
    for _ in range(2):
        with pytest.raises(Unusable, match="older than 13"):
            read_version(programs)
    assert runs(programs) == 2


def test_remembered_nonsense_is_not_believed(programs: Path, tmp_path: Path) -> None:
    has(programs, "17.4")
    read_version(programs)
    [entry] = (tmp_path / "cache" / "versions").iterdir()
    entry.write_text("nonsense")
    assert read_version(programs) == read_version(programs) == ("17.4", 170004)
    assert runs(programs) == 2


def test_without_a_cache_programs_are_asked(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOPSTICKS_CACHE_DIR", "/dev/null/cache")
    has(programs, "17.4")
    assert read_version(programs) == read_version(programs) == ("17.4", 170004)
    assert runs(programs) == 2
