"""Keeps secrets out of whatever is shown."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.token_key import TokenKey

MASK = "***"

_REMEMBERED = 1_000
# Discord's tokens are over twice as long. Hypothesis makes texts of the literals that it finds in
# the source, such as words of messages, up to 20 characters long.
_SHORTEST = 21


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces each of `secrets`, also where it stands percent-encoded in a URL, by `***`."""

    secrets: tuple[str, ...] = field(default=(), repr=False)

    def redact(self, text: str) -> str:
        encoded = (quote(secret, safe="") for secret in self.secrets)
        # Longest first: a secret that contains another must not survive in part.
        for secret in sorted({*self.secrets, *encoded}, key=len, reverse=True):
            if secret:
                text = text.replace(secret, MASK)
        return text


class LearntSecrets:
    """Tokens and keys that went in or came out, in every spelling that a log is likely to use.

    The last 1,000 are remembered. Those under 21 characters are not: one may be a word of a message
    that has nothing to do with it.
    """

    def __init__(self) -> None:
        self._spellings: deque[tuple[str, ...]] = deque(maxlen=_REMEMBERED)

    def learn(self, value: object) -> None:
        """Remember a text, or every text in a token key."""
        if isinstance(value, dict):
            self.learn(value.get("key"))
        elif isinstance(value, str):
            # What is written in C may show a text up to the first U+0000 only.
            for text in {value, *value.split("\0")}:
                if len(text) >= _SHORTEST:
                    self._spellings.append(_spellings(text))

    def found_in(self, text: str) -> list[str]:
        """The spellings that `text` contains, longest first."""
        known = list(self._spellings)
        found = {spelling for secret in known for spelling in secret if spelling in text}
        return sorted(found, key=lambda spelling: (-len(spelling), spelling))


def _spellings(text: str) -> tuple[str, ...]:
    """Longest first: one that contains another must not survive in part."""
    spellings = {text, quote(text, safe=""), json.dumps(text)[1:-1], repr(text)[1:-1]}
    return tuple(sorted(spellings, key=len, reverse=True))


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is known from the start, and what is learnt as operations are called."""

    known: Redactor = field(default_factory=Redactor)
    learnt: LearntSecrets = field(default_factory=LearntSecrets, repr=False)

    def redact(self, text: str) -> str:
        if not text:
            return text
        for secret in self.learnt.found_in(text):
            text = text.replace(secret, MASK)
        return self.known.redact(text)

    def leaks(self, text: str) -> bool:
        """Whether `text` shows a token or key that an operation was given."""
        return bool(text) and bool(self.learnt.found_in(text))


def redactor_for(database: ImplementationDatabase, token_keys: Iterable[TokenKey]) -> Redactor:
    """Hides the database's password, and with it the one in its URL, and the token keys."""
    return Redactor((database.password, *(token_key.key for token_key in token_keys)))
