"""Secrets do not come through, in any form they are likely to be written in."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from pytest_chopsticks.implementations import TokenKey, new_token_key
from pytest_chopsticks.implementations.redaction import (
    LearntSecrets,
    Redaction,
    Redactor,
    redactor_for,
)
from tests.implementations.fake_database import FakeDatabase

TOKEN = "tøken 'with' \"quotes\"/+"
KEY = TokenKey("k", "ab" * 32)


def test_passwords_urls_and_keys_are_masked() -> None:
    database = FakeDatabase()
    text = f"{database.dsn} {database.url} {KEY.key}"
    assert redactor_for(database, [KEY]).redact(text) == (
        "host=/nowhere user=owner password=*** dbname=shop "
        "postgresql://owner:***@127.0.0.1:1/shop ***"
    )


def test_a_secret_inside_another_leaves_nothing_of_it() -> None:
    assert Redactor(("abc", "abcdef")).redact("abcdef abc") == "*** ***"


def test_an_empty_password_masks_nothing() -> None:
    assert Redactor(("",)).redact("text") == "text"


def test_representations_hide_the_secret() -> None:
    assert KEY.key not in repr(KEY)
    assert KEY.key not in repr(Redactor((KEY.key,)))


def test_new_keys_differ_and_are_32_bytes() -> None:
    first, second = new_token_key(), new_token_key()
    assert first.key != second.key
    assert len(bytes.fromhex(first.key)) == 32


@pytest.mark.parametrize("spelling", [str, repr, json.dumps, lambda text: quote(text, safe="")])
def test_a_learnt_token_is_masked_in_every_spelling(spelling: Callable[[str], str]) -> None:
    redaction = Redaction()
    redaction.learnt.learn(TOKEN)
    text = f"before {spelling(TOKEN)} after"
    assert redaction.leaks(text)
    assert "quotes" not in redaction.redact(text)


def test_a_learnt_key_is_masked() -> None:
    redaction = Redaction()
    redaction.learnt.learn({"id": "k", "key": KEY.key})
    assert redaction.redact(f"k {KEY.key}") == "k ***"


def test_what_could_stand_anywhere_is_not_taken_for_a_secret() -> None:
    redaction = Redaction()
    redaction.learnt.learn("somebody, or nobody!")
    message = "the owner is somebody, or nobody!"
    assert redaction.redact(message) == message
    assert not redaction.leaks(message)


def test_a_learnt_token_is_masked_up_to_its_first_nul() -> None:
    redaction = Redaction()
    redaction.learnt.learn(f"{TOKEN}\0{'x' * 30}")
    assert redaction.redact(f"not stored: {TOKEN}") == "not stored: ***"


def test_the_last_thousand_are_remembered() -> None:
    learnt = LearntSecrets()
    tokens = [f"token-of-agent-number-{number:04}" for number in range(1001)]
    for token in tokens:
        learnt.learn(token)
    assert learnt.found_in(f"{tokens[0]} {tokens[1]} {tokens[1000]}") == [tokens[1], tokens[1000]]
