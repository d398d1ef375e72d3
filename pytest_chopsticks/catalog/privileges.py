"""From the access control lists of the catalog to privileges."""

from __future__ import annotations

import re

from pytest_chopsticks.catalog.names import unquoted
from pytest_chopsticks.catalog.structure import Privilege

# MAINTAIN is left out: owners have it since 17, and before there is no such thing.
_TABLE = {
    "a": "INSERT",
    "r": "SELECT",
    "w": "UPDATE",
    "d": "DELETE",
    "D": "TRUNCATE",
    "x": "REFERENCES",
    "t": "TRIGGER",
}
_SEQUENCE = {"r": "SELECT", "w": "UPDATE", "U": "USAGE"}
# CREATE is left out: who may create in the schema public changed in 15.
_SCHEMA = {"U": "USAGE"}

_ITEM = re.compile(r'(?P<role>"(?:[^"]|"")*"|[^=]*)=(?P<letters>[a-zA-Z*]*)/')


def table_privileges(acl: list[str] | None, owner: str) -> tuple[Privilege, ...]:
    return _privileges(acl, owner, _TABLE)


def column_privileges(acl: list[str] | None, owner: str, column: str) -> tuple[Privilege, ...]:
    return _privileges(acl or [], owner, _TABLE, column)


def sequence_privileges(acl: list[str] | None, owner: str) -> tuple[Privilege, ...]:
    return _privileges(acl, owner, _SEQUENCE)


def schema_privileges(acl: list[str] | None, owner: str) -> tuple[Privilege, ...]:
    return _privileges(acl, owner, _SCHEMA)


def _privileges(
    acl: list[str] | None, owner: str, letters: dict[str, str], column: str = ""
) -> tuple[Privilege, ...]:
    """A list that was never touched (None) gives everything to the owner."""
    if acl is None:
        return tuple(sorted(Privilege("owner", word) for word in letters.values()))
    return tuple(
        sorted(
            {
                Privilege(role, letters[letter], column, bool(option))
                for role, granted in (_granted(item, owner) for item in acl)
                for letter, option in re.findall(r"([a-zA-Z])(\*?)", granted)
                if letter in letters
            }
        )
    )


def _granted(item: str, owner: str) -> tuple[str, str]:
    match = _ITEM.match(item)
    assert match is not None, item
    role = unquoted(match["role"]) or "public"
    return "owner" if role == owner else role, match["letters"]
