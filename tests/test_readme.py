"""The quick starts of the README, done as they stand there.

Its two commands are what CI runs.
"""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from pytest_chopsticks.bundled import CANONICAL_MIGRATIONS
from tests.packaging.test_wheel import RUNNER, sql_of
from tests.plugin.scratch import Scratch

README = Path(__file__).parents[1] / "README.md"
TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "pytest_chopsticks"
BOT = TESTS / "javascript" / "implementation"

BANK = """
from pytest_chopsticks import Rejected as Refused

wallets = None

def give(user_id, amount, reason):
    wallets.credit(user_id, amount, reason)
    {slip}

def take(user_id, amount, reason):
    wallets.debit(user_id, amount, reason)

def move(from_user, to_user, amount, reason):
    wallets.transfer(from_user, to_user, amount, reason)
"""
SLIP = "wallets.connection.execute('UPDATE user_wallets SET balance = balance + 1')"
WITH_BANK = """
import bank
import pytest
from tests.economy.small_wallets import Wallets

@pytest.fixture(autouse=True)
def open_bank(chopsticks_db):
    with chopsticks_db.connect(autocommit=True) as connection:
        bank.wallets = Wallets(connection)
        yield
"""


def blocks(number: int, language: str) -> list[str]:
    """The code blocks of a quick start."""
    [section] = re.findall(
        rf"^## Quick start {number}:.*?(?=^## )", README.read_text(), re.M | re.S
    )
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.M | re.S)


def test_your_bot_s_schema_and_migrations(scratch: Scratch) -> None:
    description, with_directory = blocks(1, "toml")
    scratch.write("chopsticks.toml", description)
    scratch.write("package.json", json.dumps({"scripts": {"migrate": "python migrate.py"}}))
    chosen = "main(os.environ.get('MIGRATIONS_DIR', 'migrations'))"
    scratch.write("migrate.py", RUNNER.read_text().replace("main(sys.argv[1])", chosen))
    for path in CANONICAL_MIGRATIONS.glob("2*.py"):
        scratch.write(f"migrations/{path.stem}.sql", sql_of(path))
    _, command = blocks(1, "sh")
    outcome = scratch.run(f"{command.strip()} -k 'test_table or test_edited_file'")
    assert "13 passed, 1 skipped" in outcome.output
    scratch.write("chopsticks.toml", re.sub("migrate = .*\n", "", description) + with_directory)
    outcome = scratch.run(f"{command.strip()} -k 'test_table or test_edited_file'")
    assert "14 passed" in outcome.output


def test_a_third_party_implementation(scratch: Scratch) -> None:
    description, known_failures = blocks(2, "toml")
    assert tomllib.loads(known_failures)["known-failures"]
    for name in ("package.json", "migrations", "source", "schema_facts.txt"):
        copy = shutil.copytree if (BOT / name).is_dir() else shutil.copy
        copy(BOT / name, scratch.root / name)
    (scratch.root / "node_modules").symlink_to(BOT / "node_modules")
    driver = (BOT / "driver.mjs").read_text()
    driver = driver.replace("'./", "'../").replace("'../../../pytest_chopsticks", f"'{PACKAGE}")
    scratch.write("conformance/driver.mjs", driver)
    scratch.write("chopsticks.toml", description)
    section = README.read_text()
    [command] = re.findall(
        r"`(pytest --chopsticks-db --chopsticks-report=json\S+ \S+html)`", section
    )
    outcome = scratch.run(f"{command} -k 'test_table or test_round_trip'")
    assert outcome.exit_status == 0, outcome.output
    report = json.loads((scratch.root / "report.json").read_text())
    assert report["result"] == "partial"
    assert report["implementation"]["language"] == "javascript"
    assert (scratch.root / "report.html").exists()


def test_just_the_fixtures(scratch: Scratch) -> None:
    conftest, tests = blocks(3, "python")
    scratch.write("conftest.py", conftest)
    scratch.write("schema.sql", "CREATE TABLE accounts (id int PRIMARY KEY, balance int)")
    scratch.write("app.py", "class App:\n    def __init__(self, url): assert url")
    scratch.write("test_readme.py", f"from app import App\n\n{tests}")
    [command] = blocks(3, "sh")
    outcome = scratch.run(command)
    assert "2 passed" in outcome.output
    assert "2 skipped" in scratch.run("pytest").output


@pytest.mark.parametrize(
    ("slip", "verdict"), [("", "1 passed"), (SLIP, "1 failed")], ids=["sound", "slips"]
)
def test_property_test_an_economy(slip: str, verdict: str, scratch: Scratch) -> None:
    """With a bank that is correct, and one that adds a coin to what it gives."""
    [code] = blocks(4, "python")
    scratch.write("bank.py", BANK.format(slip=slip))
    scratch.write("conftest.py", WITH_BANK)
    scratch.write("test_readme.py", f"import bank\n{code}")
    outcome = scratch.run(["pytest", "--chopsticks-db"], PYTHONPATH=str(TESTS.parent))
    assert verdict in outcome.output
    assert ("InvariantBroken" in outcome.output) == bool(slip)
