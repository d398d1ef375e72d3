"""The quick start in README.md works as it stands: against a sound bank, and an unsound one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.plugin.scratch import Scratch

_README = Path(__file__).parents[2] / "README.md"
_BANK = """
import psycopg
from tests.economy.small_wallets import Wallets
from pytest_chopsticks.errors import Rejected as Refused

connection = None


def give(*arguments): Wallets(connection).credit(*arguments)
def take(*arguments): Wallets(connection).debit(*arguments)
def move(*arguments): Wallets(connection).transfer(*arguments)
"""
_CONFTEST = """
import bank
import pytest


@pytest.fixture(autouse=True)
def connected(chopsticks_db):
    with chopsticks_db.connect(autocommit=True) as bank.connection:
        yield
"""
_UNLOGGED = """
def move(sender, receiver, amount, reason):
    wallets = Wallets(connection)
    wallets.log = lambda *_: None
    wallets.transfer(sender, receiver, amount, reason)
"""


def quick_start() -> str:
    """The Python of the section on the economy."""
    _, _, section = _README.read_text("utf-8").partition("property-test an economy")
    code = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert code
    return code[1]


@pytest.fixture
def project(scratch: Scratch) -> Scratch:
    scratch.environment["PYTHONPATH"] = f"{scratch.root}:{_README.parent}"
    scratch.write("bank.py", _BANK)
    scratch.write("conftest.py", _CONFTEST)
    (scratch.root / "test_money.py").write_text(f"import bank\n{quick_start()}", "utf-8")
    return scratch


def test_a_sound_bank_passes(project: Scratch) -> None:
    outcome = project.pytest("--chopsticks-db")

    assert outcome.exit_status == 0, outcome.output
    assert "1 passed" in outcome.output


def test_an_unsound_bank_is_told_in_a_story(project: Scratch) -> None:
    project.write("bank.py", _BANK + _UNLOGGED)

    outcome = project.pytest("--chopsticks-db")

    assert "1 failed" in outcome.output
    assert "1. wallets.credit(" in outcome.output
    assert "2. wallets.transfer(" in outcome.output
