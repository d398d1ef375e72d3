"""Whether the user that a server runs as gets through to its programs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_chopsticks.servers.account import Account

SOMEBODY = 54_321


@pytest.fixture
def directory() -> Iterator[Path]:
    """One to which the way is open to everyone."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)
        Path(made).chmod(0o700)


@pytest.mark.parametrize(
    ("mode", "who"), [(0o700, "the owner"), (0o070, "the group"), (0o007, "others")]
)
def test_each_has_the_bits_of_the_first_that_it_is(directory: Path, mode: int, who: str) -> None:
    directory.chmod(mode)
    facts = directory.stat()
    accounts = {
        "the owner": Account(facts.st_uid, facts.st_gid),
        "the group": Account(SOMEBODY, facts.st_gid),
        "others": Account(SOMEBODY, SOMEBODY),
    }

    assert [name for name, account in accounts.items() if account.can_reach(directory)] == [who]


def test_a_closed_directory_on_the_way_is_enough(directory: Path) -> None:
    program = directory / "bin" / "postgres"
    program.parent.mkdir()
    program.touch(0o755)
    directory.chmod(0o700)

    assert not Account(SOMEBODY, SOMEBODY).can_reach(program)
