"""The forms in which a token that was not encrypted may lie about."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

_BYTES_IN_BASE64 = 3


class Haystack(Protocol):
    def find(self, needle: bytes, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Spelling:
    """One form of a token, by the name that a violation gives it."""

    name: str
    needle: bytes


def spellings(token: str) -> tuple[Spelling, ...]:
    """Every form that is looked for."""
    whole = tuple(Spelling(name, needle) for name, needle in _spellings(token.encode()))
    _, dots, secret = token.rpartition(".")
    if not dots:
        return whole
    # Of Discord's tokens this part alone cannot be guessed.
    parts = _spellings(secret.encode())
    return (*whole, *(Spelling(f"{name}, its last part", needle) for name, needle in parts))


def found_in(text: Haystack, looked_for: tuple[Spelling, ...]) -> Spelling | None:
    """The first of the forms that is in the text."""
    return next((one for one in looked_for if text.find(one.needle) >= 0), None)


def _spellings(token: bytes) -> Iterator[tuple[str, bytes]]:
    yield "plain", token
    yield "reversed", token[::-1]
    yield "in hex", token.hex().encode()
    yield "in hex", token.hex().upper().encode()
    yield "percent-encoded", b"".join(b"%%%02X" % byte for byte in token)
    yield "percent-encoded", b"".join(b"%%%02x" % byte for byte in token)
    yield "in UTF-16", token.decode().encode("utf-16-le")
    yield "in UTF-16", token.decode().encode("utf-16-be")
    for encode, name in ((base64.b64encode, "base64"), (base64.urlsafe_b64encode, "base64url")):
        for text, what in ((token, ""), (token[::-1], " of its reverse")):
            for needle in _within_longer_base64(text, encode):
                yield f"in {name}{what}", needle


def _within_longer_base64(text: bytes, encode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """The part that is the same wherever in a longer text the token stands."""
    for offset in range(_BYTES_IN_BASE64):
        whole = text[(_BYTES_IN_BASE64 - offset) % _BYTES_IN_BASE64 :]
        whole = whole[: len(whole) - len(whole) % _BYTES_IN_BASE64]
        yield encode(whole)
