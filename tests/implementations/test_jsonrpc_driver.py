"""A driver that speaks JSON-RPC, and does so well: what is sent, what comes back."""

from __future__ import annotations

import json
import shlex
import sys
from contextlib import nullcontext
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pytest_chopsticks.implementations import (
    Accepted,
    Implementation,
    Refused,
    Target,
    TokenKey,
    load_implementation,
)
from tests.implementations.fake_database import FakeDatabase

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "pytest_chopsticks/implementations/schemas"
HONEST = f"{sys.executable} {ROOT / 'tests/implementations/honest_driver.py'}"
RECORDING = f"{sys.executable} {ROOT / 'tests/implementations/recording.py'}"
KEY = TokenKey("k", "ab" * 32)
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"


def implementation(
    root: Path, command: str = HONEST, *, migrate: str | None = None, **env: str
) -> Implementation:
    target = Target(
        root / "chopsticks.toml", "acme", migrate=migrate, command=command, migrations=root, env=env
    )
    return load_implementation(
        target, token_keys=[KEY], scratch_database=lambda: nullcontext(FakeDatabase())
    )


def test_what_the_driver_says_of_itself(tmp_path: Path) -> None:
    acme = implementation(tmp_path)
    assert (acme.name, acme.version, acme.language) == ("acme", "1.0", "python")
    assert (acme.concurrent, acme.clock, acme.takes_migrations) == (False, "argument", True)
    assert {"migrate", "wallets.credit", "streaks.claim"} <= acme.claims


def test_migrations_can_be_another_directory(tmp_path: Path) -> None:
    acme = implementation(tmp_path)
    assert acme.migrate(FakeDatabase()) == Accepted({"applied": ["its own"]}, "")
    assert acme.migrate(FakeDatabase(), Path("/edited")) == Accepted({"applied": ["/edited"]}, "")


def test_a_command_may_migrate_instead(tmp_path: Path) -> None:
    acme = implementation(tmp_path, migrate="echo by hand")
    assert acme.migrate(FakeDatabase()) == Accepted(None, "by hand")
    with acme.open(FakeDatabase()) as driver:
        assert driver.call("wallets.credit", user_id="1", amount=5, reason="r") == Accepted(
            None, ""
        )


def test_other_token_keys_are_for_one_driver_alone(tmp_path: Path) -> None:
    acme = implementation(tmp_path)
    with acme.open(FakeDatabase(), [TokenKey("new", "cd" * 32), KEY]) as driver:
        assert driver.call("verify_schema") == Accepted({"hash": '["new", "k"]'}, "")
    with acme.open(FakeDatabase(), []) as driver:
        assert driver.call("verify_schema") == Accepted({"hash": "[]"}, "")
    assert acme.verify_schema(FakeDatabase()) == Accepted({"hash": '["k"]'}, "")


@pytest.mark.parametrize("amount", [0, 2**53 - 1, 2**53, -(2**53), 2**63 - 1, -(2**63), 2**64])
def test_integers_are_exact_both_ways(tmp_path: Path, amount: int) -> None:
    with implementation(tmp_path).open(FakeDatabase()) as driver:
        driver.call("wallets.credit", user_id="1", amount=amount, reason="r")
        assert driver.call("pets.adopt", user_id="1", pet_type="cat") == Accepted(
            {"id": amount}, ""
        )


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    with implementation(tmp_path).open(FakeDatabase()) as driver:
        outcome = driver.call("streaks.claim", user_id="1", kind="daily", at_ms=2**60)
    expected = {"streak": 1, "longest": 2**60, "multiplier": Decimal("1.05")}
    assert outcome == Accepted(expected, "")


@pytest.mark.parametrize(
    "data", [{}, {"клю́ч": ["\u2028\x00\ud800", {"a": [None, True, 1.5]}]}, {"long": "é" * 300_000}]
)
def test_documents_come_back_equal(tmp_path: Path, data: object) -> None:
    with implementation(tmp_path).open(FakeDatabase()) as driver:
        driver.call("settings.save", guild_id="1", data=data, expected_rev=0)
        assert driver.call("settings.get", guild_id="1") == Accepted({"data": data, "rev": 1}, "")


def test_a_rejection_has_a_name_or_the_databases_code(tmp_path: Path) -> None:
    with implementation(tmp_path).open(FakeDatabase()) as driver:
        unknown = driver.call("agents.token", agent_id="agent1")
        assert unknown == Refused("unknown_agent", "refused", "")
        debit = driver.call("wallets.debit", user_id="1", amount=5, reason="r")
    assert isinstance(debit, Refused)
    assert (debit.rejection, debit.sqlstate) == (None, "23514")


def test_a_token_comes_back_exactly(tmp_path: Path) -> None:
    with implementation(tmp_path).open(FakeDatabase()) as driver:
        driver.call("agents.register", agent_id="a", token=TOKEN, client_id="1", tag="t")
        assert driver.call("agents.token", agent_id="a") == Accepted({"token": TOKEN}, "")


def test_the_environment_has_the_database_and_the_suites_values(tmp_path: Path) -> None:
    command = f'test "$PGPASSWORD" = p@ss/word && test "$KEY" = {KEY.key} && {HONEST}'
    acme = implementation(tmp_path, command, KEY="{token_key}")
    assert "migrate" in acme.claims


def test_every_message_is_as_its_schema_says(tmp_path: Path) -> None:
    record = tmp_path / "record"
    acme = implementation(tmp_path, f"{RECORDING} {shlex.quote(str(record))} {HONEST}")
    with acme.open(FakeDatabase()) as driver:
        driver.call("migrate", migrations="/edited")
        for amount in (5, 1.5, -1, 2**63):
            driver.call("wallets.credit", user_id="1", amount=amount, reason="r")
        driver.call("wallets.debit", user_id="1", amount=5, reason="r")
        driver.call("agents.register", agent_id="a", token=TOKEN, client_id="1", tag="t")
        driver.call("agents.token", agent_id="a")
        driver.call("agents.token", agent_id="b")
        driver.call("settings.get", guild_id="1")
        driver.call("streaks.claim", user_id="1", kind="daily", at_ms=1)
    methods = check_record(record)
    assert methods[0] == "initialize"
    assert methods[-1] == "shutdown"
    assert len(methods) == 13


def test_the_schemas_refuse_what_is_wrong() -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "settings.save", "params": {"guild_id": "1"}}
    assert not validator("settings.save").is_valid(message)
    assert not validator("settings.save").is_valid({"jsonrpc": "2.0", "id": 1, "result": {}})
    assert validator("settings.save").is_valid({"jsonrpc": "2.0", "id": 1, "result": {"rev": "1"}})


def check_record(record: Path) -> list[str]:
    """Validate every recorded message; the methods that were called, in order."""
    methods: dict[int, str] = {}
    for line in record.read_text("utf-8").splitlines():
        message = json.loads(line[2:])
        method = methods.setdefault(message["id"], message.get("method", ""))
        validator(method).validate(message)
    return list(methods.values())


@cache
def validator(method: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{method}.json").read_text("utf-8")))
