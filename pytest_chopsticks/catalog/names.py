"""Identifiers, in the server's quoted spelling and as they are."""

from __future__ import annotations

import re

_PART = re.compile(r'"(?:[^"]|"")*"|[^.]+')
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


def unquoted(reference: str) -> str:
    """The name that a possibly qualified, possibly quoted reference means."""
    return ".".join(
        part[1:-1].replace('""', '"') if part.startswith('"') else part
        for part in _PART.findall(reference)
    )


def quoted_unless_plain(name: str) -> str:
    """The name in quotes, unless it is lower-case letters, digits, `_` and `$`.

    Keywords stay as they are: which of them need quotes differs between server versions.
    """
    if _PLAIN.fullmatch(name):
        return name
    return '"' + name.replace('"', '""') + '"'
