"""Recognises encryption that is none: the same key stream for every token."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from pytest_chopsticks.violation import Violation

_PARTS = re.compile(r"[.:$|,;]")
_DECODERS: tuple[Callable[[str], bytes], ...] = (
    bytes.fromhex,
    lambda text: base64.b64decode(text + "=" * (-len(text) % 4), validate=True),
    lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)),
    lambda text: text.encode(),
)


def expect_unrelated(stored: Mapping[str, str]) -> None:
    """Expect that no two stored values differ just as their tokens do.

    `stored` is what is stored by token. A difference of all of a token's bytes does not come about
    by chance; it does when a key stream is used twice, and then one known token gives away all.
    """
    for (one, stored_one), (other, stored_other) in combinations(stored.items(), 2):
        difference = _xor(one.encode(), other.encode())
        pairs = zip(_readings(stored_one), _readings(stored_other), strict=False)
        if any(difference in _xor(first, second) for first, second in pairs):
            raise Violation(
                expected="two stored tokens do not show in what the tokens differ",
                actual="they differ in exactly the bits in which the tokens do:"
                " the same key stream is used twice, and one known token gives away the other",
            )


def _readings(stored: str) -> Iterator[bytes]:
    """What the value and its parts can mean in bytes, always in the same order."""
    for part in (stored, *_PARTS.split(stored)):
        for decode in _DECODERS:
            try:
                yield decode(part)
            except (ValueError, binascii.Error):
                yield b""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))
