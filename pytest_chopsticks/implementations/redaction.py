"""Keeps secrets out of whatever is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.token_key import TokenKey

MASK = "***"


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


def redactor_for(database: ImplementationDatabase, token_keys: Iterable[TokenKey]) -> Redactor:
    """Hides the database's password, and with it the one in its URL, and the token keys."""
    return Redactor((database.password, *(token_key.key for token_key in token_keys)))
