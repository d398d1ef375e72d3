"""A token is found in whatever form it lies about, and in no other text."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from pytest_chopsticks.bundled.conformance.identities import new_token
from pytest_chopsticks.bundled.conformance.token_spellings import found_in, spellings

_SPELT: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda token: token,
    "reversed": lambda token: token[::-1],
    "in hex": lambda token: token.hex().encode(),
    "in UTF-16": lambda token: token.decode().encode("utf-16"),
    "in base64": base64.b64encode,
    "in base64url": base64.urlsafe_b64encode,
}


@pytest.mark.parametrize("name", _SPELT)
@pytest.mark.parametrize("before", [b"", b"x", b"xy"])
def test_found_within_a_longer_text(name: str, before: bytes) -> None:
    token = new_token()

    spelt = _SPELT[name](before + token.encode() + b" and more")

    assert found_in(b"{" + spelt + b"}", spellings(token))


def test_percent_encoding_may_spare_no_character() -> None:
    token = new_token()

    found = found_in("".join(f"%{ord(c):02x}" for c in token).encode(), spellings(token))

    assert found is not None
    assert found.name == "percent-encoded"


def test_the_part_of_a_token_that_cannot_be_guessed_is_found() -> None:
    token = new_token()

    found = found_in(token.rpartition(".")[2].encode(), spellings(token))

    assert found is not None
    assert found.name == "plain, its last part"


def test_another_token_is_not_found() -> None:
    other = new_token().encode()
    texts = (spell(other) for spell in _SPELT.values())

    assert found_in(b" ".join(texts), spellings(new_token())) is None
