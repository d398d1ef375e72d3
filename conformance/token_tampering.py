"""Changes what is stored of a token, through the suite's own role and past every trigger."""

from __future__ import annotations

import string
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psycopg

from .identities import agent_id
from .table_rows import row_of

_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
_HIGH_BIT = 32


def stored_token(observer: psycopg.Connection[Any], number: int) -> str:
    return str(row_of(observer, "agent_bots", agent_id=agent_id(number))["token"])


def store_tokens(observer: psycopg.Connection[Any], stored: Mapping[int, str]) -> set[int]:
    """Put other values into agents' rows; return the agents whose row took it.

    The database itself may refuse a value, by a check that no trigger setting switches off.
    """
    with observer.transaction():
        switch_triggers_off(observer)
        changed = set()
        for number, value in stored.items():
            with suppress(psycopg.Error), observer.transaction():
                query = "UPDATE agent_bots SET token = %s WHERE agent_id = %s"
                observer.execute(query, [value, agent_id(number)])
                changed.add(number)
    return changed


def switch_triggers_off(observer: psycopg.Connection[Any]) -> None:
    """To the end of the transaction, as far as the suite's role may."""
    with suppress(psycopg.errors.InsufficientPrivilege), observer.transaction():
        observer.execute("SET LOCAL session_replication_role = replica")


def swap_tokens(observer: psycopg.Connection[Any], one: int, other: int) -> None:
    """Give each of two agents what is stored for the other."""
    first, second = stored_token(observer, one), stored_token(observer, other)
    store_tokens(observer, {one: "in between"})
    store_tokens(observer, {other: first, one: second})


def changed_at(stored: str, position: int) -> str:
    """The value with one character changed to another that encodings of its kind also use.

    A negative position counts from the end.
    """
    position %= len(stored)
    return stored[:position] + _other(stored, position) + stored[position + 1 :]


def _other(stored: str, position: int) -> str:
    character = stored[position]
    if all(one in string.hexdigits for one in stored[max(0, position - 8) : position + 9]):
        changed = f"{int(character, 16) ^ (1 << position % 4):x}"
        return changed.upper() if character.isupper() else changed
    if character in _ALPHABET:
        bit = 1 if position % 2 else _HIGH_BIT
        changed = _ALPHABET[_ALPHABET.index(character) ^ bit]
        return changed if changed not in "+/" else "AQ"[character == "A"]
    return "A"
