"""`chopsticks smoke`: what it prints and what its exit status is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_chopsticks.implementations.operations import OPERATIONS

ROOT = Path(__file__).parents[2]
REFERENCE = f"cd {ROOT} && {sys.executable} -m reference_impl"


def smoke(directory: Path, **implementation: str) -> subprocess.CompletedProcess[str]:
    """Write `chopsticks.toml` and run the command on it."""
    keys = "".join(f"{key} = {value!r}\n" for key, value in implementation.items())
    (directory / "chopsticks.toml").write_text(f'[implementation]\nname = "acme"\n{keys}')
    return run(directory)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest_chopsticks", "smoke", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def verdicts(output: str) -> dict[str, str]:
    """The second column of the table, by operation."""
    rows = re.findall(r"^([a-z]\S+) +(answered|refused|fault|not claimed)\b", output, re.MULTILINE)
    return dict(rows)


@pytest.mark.parametrize("kind", ["python", "command"])
def test_every_operation_of_the_reference_implementation_answers(tmp_path: Path, kind: str) -> None:
    how = {
        "python": "pytest_chopsticks.bundled.reference_impl:Implementation",
        "command": REFERENCE,
    }
    done = smoke(tmp_path, **{kind: how[kind]})
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdicts(done.stdout) == dict.fromkeys({"initialize", *OPERATIONS}, "answered")
    assert "token: ***" in done.stdout


def test_faults_of_the_driver_and_refusals_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "acme.py").write_text(
        """
from pytest_chopsticks import Rejected

class Wallets:
    def credit(self, user_id, amount, reason):
        raise Rejected("overflow", "too much")

    def debit(self, user_id, amount, reason):
        raise KeyError(reason)

    def deposit(self, user_id, amount):
        return None

class Driver:
    wallets = Wallets()

    def __init__(self, database, token_keys):
        self.database = database
"""
    )
    done = smoke(tmp_path, python="acme:Driver")
    assert done.returncode == 1
    told = verdicts(done.stdout)
    assert told["migrate"] == "answered"
    assert told["wallets.credit"] == "refused"
    assert told["wallets.debit"] == "fault"
    assert told["wallets.deposit"] == "answered"
    assert told["wallets.withdraw"] == "not claimed"
    assert "overflow: too much" in done.stdout
    assert "Driver.wallets.debit raised KeyError:" in done.stdout
    assert "To refuse an operation, name the rejection" in done.stdout


def test_a_baseline_is_laid_before_migrating(tmp_path: Path) -> None:
    (tmp_path / "acme.py").write_text(
        """
from pytest_chopsticks.bundled.reference_impl import Implementation

class Driver(Implementation):
    def migrate(self, migrations=None):
        with self.database.connect() as connection:
            connection.execute("DROP TABLE laid")
        return super().migrate(migrations)

    def __init__(self, database, token_keys):
        super().__init__(database, token_keys)
        self.database = database
"""
    )
    done = smoke(tmp_path, python="acme:Driver", baseline="psql $DATABASE_URL -c 'TABLE laid'")
    assert verdicts(done.stdout) == {"initialize": "answered", "baseline": "fault"}
    laying = "psql $DATABASE_URL -c 'CREATE TABLE laid ()'"
    done = smoke(tmp_path, python="acme:Driver", baseline=laying)
    assert done.returncode == 0, done.stdout + done.stderr


def test_tables_that_are_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "acme.py").write_text(
        """
class Driver:
    def __init__(self, database, token_keys):
        pass

    def migrate(self):
        return {"applied": []}
"""
    )
    done = smoke(tmp_path, python="acme:Driver")
    assert done.returncode == 1
    assert verdicts(done.stdout)["tables"] == "fault"
    assert 'relation "agent_pools" does not exist' in done.stdout
    assert "pytest --chopsticks-db -k schema" in done.stdout


def test_a_baseline_that_fails_ends_it(tmp_path: Path) -> None:
    how = "pytest_chopsticks.bundled.reference_impl:Implementation"
    done = smoke(tmp_path, python=how, baseline="echo no such tool >&2; exit 127")
    assert done.returncode == 1
    assert verdicts(done.stdout) == {"initialize": "answered", "baseline": "fault"}
    assert "no such tool" in done.stdout


def test_a_driver_that_does_not_shake_hands_is_told_at_once(tmp_path: Path) -> None:
    done = smoke(tmp_path, command="echo hello; exit 3")
    assert done.returncode == 1
    assert verdicts(done.stdout) == {"initialize": "fault"}
    assert "initialize was answered with text that is not JSON: hello" in done.stdout


def test_without_a_chopsticks_toml_it_says_what_writes_one(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 2
    assert "there is no chopsticks.toml" in done.stderr
    assert "chopsticks init" in done.stderr
