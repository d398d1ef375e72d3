"""Agents' tokens at rest.

A stored token is `v1.<key id>.<fingerprint>.<nonce and ciphertext>`, each part base64url.

The encryption is AES-256-GCM under a random nonce, and what it authenticates along with the
ciphertext is everything else that matters: the first three parts and the agent's id. So no bit of
the stored value can be changed, and it cannot be moved to another agent's row.

That pulls against refusing a token that another agent has. A value that is bound to its row, or
encrypted under a fresh nonce, differs for equal tokens, and UNIQUE sees nothing; a deterministic
encryption that UNIQUE could see would not be bound to the row. Hence the fingerprint: an HMAC of
the token alone, under a key of its own. Whoever registers looks for it, with registrations one at
a time, because no constraint stands behind. Without the key it tells nothing but that two tokens
are equal, and equal tokens are never stored under one key.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .rejections import Rejection

KEY_BYTES = 32
NONCE_BYTES = 12
#: Where the fingerprint stands, counted as SQL's split_part counts.
FINGERPRINT_PART = 3


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key by its id, and the keys derived from it, one for each use."""

    id: str
    _encryption: AESGCM = field(repr=False)
    _fingerprint: bytes = field(repr=False)

    @classmethod
    def from_hex(cls, given: Mapping[str, str]) -> "TokenKey":
        """From `{id, key}`; raises ValueError, without showing the key, unless it is 32 bytes."""
        try:
            secret = bytes.fromhex(given["key"])
        except ValueError:
            secret = b""
        if len(secret) != KEY_BYTES:
            raise ValueError(f"token key {given['id']!r} is not 64 hex digits")
        return cls(
            given["id"], AESGCM(_derive(secret, b"encryption")), _derive(secret, b"fingerprint")
        )

    def fingerprint(self, token: str) -> str:
        return _encode(hmac.digest(self._fingerprint, token.encode(), "sha256"))

    def seal(self, token: str, agent_id: str) -> str:
        """The value to store for this token in this agent's row."""
        header = f"v1.{_encode(self.id.encode())}.{self.fingerprint(token)}"
        nonce = urandom(NONCE_BYTES)
        sealed = self._encryption.encrypt(nonce, token.encode(), _bound_to(header, agent_id))
        return f"{header}.{_encode(nonce + sealed)}"

    def open(self, stored: str, agent_id: str) -> str | None:
        """The token, or None if this key did not seal exactly this value for this agent."""
        header, _, body = stored.rpartition(".")
        if not header.startswith(f"v1.{_encode(self.id.encode())}."):
            return None
        try:
            content = urlsafe_b64decode(body + "=" * (-len(body) % 4))
            # Several texts decode to the same bytes, and only one of them is what was stored.
            if _encode(content) != body:
                return None
            nonce, sealed = content[:NONCE_BYTES], content[NONCE_BYTES:]
            bound = _bound_to(header, agent_id)
            return self._encryption.decrypt(nonce, sealed, bound).decode()
        except (InvalidTag, ValueError):
            return None


class KeyRing:
    """The keys that tokens can be read with, the first being the one to encrypt with."""

    def __init__(self, keys: Iterable[TokenKey]) -> None:
        self.keys = tuple(keys)

    @property
    def current(self) -> TokenKey:
        """Raises key_missing: a token is never stored as it is."""
        if not self.keys:
            raise Rejection("key_missing", "no token key is configured: give one, 64 hex digits")
        return self.keys[0]

    def fingerprints(self, token: str) -> list[str]:
        """What this token's fingerprint can be in the table, whichever key it was stored under."""
        return [key.fingerprint(token) for key in self.keys]

    def open(self, stored: str, agent_id: str) -> str:
        """The token; raises token_unreadable. Keys are tried in turn: ids may be given twice."""
        for key in self.keys:
            if (token := key.open(stored, agent_id)) is not None:
                return token
        raise Rejection(
            "token_unreadable",
            f"the stored token of {agent_id} was changed, moved from another row, or encrypted "
            "with a key that was not given",
        )


def _derive(secret: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"chopsticks agent token " + use).derive(
        secret
    )


def _bound_to(header: str, agent_id: str) -> bytes:
    """Unambiguous: the header has three parts, none of which can contain a further dot."""
    return f"{header}.{agent_id}".encode()


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
