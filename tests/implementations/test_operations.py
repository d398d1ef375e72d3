"""The operations: what is written from them, and how answers are read."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pytest_chopsticks.implementations.operations import CATALOGUE, OPERATIONS_BY_NAME
from pytest_chopsticks.implementations.operations.generate import generated_files

ROOT = Path(__file__).parents[2]
GENERATED = generated_files()


@pytest.mark.parametrize("name", GENERATED)
def test_generated_files_are_up_to_date(name: str) -> None:
    """Else: python -m pytest_chopsticks.implementations.operations.generate."""
    assert (ROOT / name).read_text("utf-8") == GENERATED[name]


def test_no_schema_is_left_from_an_operation_that_is_gone() -> None:
    directory = "pytest_chopsticks/implementations/schemas"
    there = {path.name for path in (ROOT / directory).iterdir()}
    assert there == {Path(name).name for name in GENERATED if name.startswith(directory)}


@pytest.mark.parametrize("name", [name for name in GENERATED if name.endswith(".json")])
def test_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(json.loads(GENERATED[name]))


def test_tokens_and_keys_are_secret() -> None:
    arguments = {
        (operation.name, argument.name)
        for operation in CATALOGUE
        for argument in operation.arguments
        if argument.secret
    }
    answers = {operation.name for operation in CATALOGUE if operation.answers_secret}
    assert arguments == {("agents.register", "token"), ("agents.rotate_key", "new_key")}
    assert answers == {"agents.token"}


@pytest.mark.parametrize(
    ("operation", "answer", "expected"),
    [
        ("settings.save", {"rev": 1}, {"rev": 1}),
        ("settings.save", {"rev": "9223372036854775807"}, {"rev": 2**63 - 1}),
        ("settings.save", {"rev": 1, "more": True}, {"rev": 1, "more": True}),
        ("settings.get", {"data": {"n": "9007199254740993"}, "rev": 0},
         {"data": {"n": "9007199254740993"}, "rev": 0}),
        ("streaks.claim", {"streak": 1, "longest": "2", "multiplier": "1.05"},
         {"streak": 1, "longest": 2, "multiplier": Decimal("1.05")}),
        ("migrate", {"applied": ("20260214_000000",)}, {"applied": ["20260214_000000"]}),
        ("wallets.credit", None, None),
        ("wallets.credit", {"balance": 5}, None),
    ],
)  # fmt: skip
def test_answers_are_read_by_their_types(operation: str, answer: object, expected: object) -> None:
    assert OPERATIONS_BY_NAME[operation].read_result(answer) == expected


@pytest.mark.parametrize(
    ("operation", "answer", "problem"),
    [
        ("settings.save", None, "expected {rev: integer}, got null"),
        ("settings.save", [1], "expected {rev: integer}, got a list"),
        ("settings.save", {}, "expected {rev: integer}, and rev is missing"),
        ("settings.save", {"rev": True}, "rev should be an integer, or one as a decimal string"),
        ("settings.save", {"rev": 1.0}, "decimal string, not a fraction"),
        ("settings.save", {"rev": "1e3"}, "not a string"),
        ("settings.save", {"rev": "١"}, "not a string"),
        ("settings.get", {"data": "{}", "rev": 0}, "data should be a JSON object, not a string"),
        ("agents.token", {"token": 1}, "token should be a string, not an integer"),
        ("agents.allocate", {"agents": [1]}, "agents should be a list of strings, not a list"),
        ("streaks.claim", {"streak": 1, "longest": 1, "multiplier": "NaN"}, "should be a number"),
    ],
)  # fmt: skip
def test_another_shape_is_described(operation: str, answer: object, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        OPERATIONS_BY_NAME[operation].read_result(answer)
