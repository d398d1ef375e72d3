"""Columns whose values are never shown."""

from __future__ import annotations

import re

HIDDEN = "(hidden)"

_SECRET = re.compile(
    r"token|secret|passw|passphrase|credential|cipher|salt|(^|_)(key|pin)(s|_|$)|apikey",
    re.IGNORECASE,
)


def is_secret(column: str) -> bool:
    """Whether the name says that the column holds a secret, or what one is derived from."""
    return _SECRET.search(column) is not None
