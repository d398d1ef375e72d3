"""Secrets do not come through, in any form they are likely to be written in."""

from pytest_chopsticks.implementations import TokenKey, new_token_key
from pytest_chopsticks.implementations.redaction import Redactor, redactor_for
from tests.implementations.fake_database import FakeDatabase

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
