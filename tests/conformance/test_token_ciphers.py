"""The same key stream under two tokens is recognised, however it is written down."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable

import pytest
from pytest_chopsticks.bundled.conformance.identities import new_token
from pytest_chopsticks.bundled.conformance.token_ciphers import expect_unrelated

from pytest_chopsticks.violation import Violation

_WRITTEN: dict[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda content: base64.b64encode(content).decode(),
    "base64url after a version": lambda content: f"v1:{base64.urlsafe_b64encode(content).decode()}",
}


@pytest.mark.parametrize("written", _WRITTEN)
def test_a_reused_key_stream_is_recognised(written: str) -> None:
    stream, tokens = os.urandom(200), (new_token(), new_token())

    stored = {token: _WRITTEN[written](_xor(token.encode(), stream)) for token in tokens}

    with pytest.raises(Violation, match="the same key stream is used twice"):
        expect_unrelated(stored)


@pytest.mark.parametrize("written", _WRITTEN)
def test_a_key_stream_for_each_is_in_order(written: str) -> None:
    tokens = (new_token(), new_token())

    expect_unrelated({t: _WRITTEN[written](_xor(t.encode(), os.urandom(200))) for t in tokens})


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))
