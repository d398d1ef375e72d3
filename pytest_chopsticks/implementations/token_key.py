"""The keys that agents' tokens are encrypted with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A named key: 32 bytes as 64 hex digits. The first of several is the one to encrypt with."""

    id: str
    key: str = field(repr=False)


def new_token_key(key_id: str = "key-1") -> TokenKey:
    """A fresh random key."""
    return TokenKey(key_id, secrets.token_hex(32))
