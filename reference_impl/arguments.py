"""Checks of the arguments, before anything is asked of the database.

Types are compared exactly: to Python True is an int as well, and 1.0 equals 1.
"""

import json
import re
from collections.abc import Collection

from psycopg.types.json import Jsonb

from .clock import LAST_MS
from .rejections import InvalidAmount, InvalidFormat, InvalidQuantity, InvalidText

MAX_BIGINT = 2**63 - 1
MAX_INTEGER = 2**31 - 1

_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def check_text(**arguments: object) -> None:
    """Refuse what a TEXT column cannot hold: U+0000, lone surrogates, other types."""
    for name, value in arguments.items():
        if not isinstance(value, str):
            raise InvalidText(name, "is not text")
        if "\0" in value:
            raise InvalidText(name, "contains U+0000")
        if not _is_unicode(value):
            raise InvalidText(name, "contains half a surrogate pair")


def as_jsonb(name: str, value: object) -> Jsonb | None:
    """The value for a JSONB column, None for SQL's NULL; refuses what JSON or JSONB cannot hold."""
    if value is None:
        return None
    try:
        encoded = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise InvalidText(name, "is not JSON, or nested too deeply") from None
    if _ESCAPED_NUL.search(encoded):
        raise InvalidText(name, "contains U+0000")
    if not _is_unicode(encoded):
        raise InvalidText(name, "contains half a surrogate pair")
    return Jsonb(value)


def as_jsonb_object(name: str, value: object) -> Jsonb | None:
    """As `as_jsonb`, for columns that hold an object."""
    if value is not None and not isinstance(value, dict):
        raise InvalidText(name, "is not an object")
    return as_jsonb(name, value)


def check_amount(amount: object) -> None:
    if type(amount) is not int or not 1 <= amount <= MAX_BIGINT:
        raise InvalidAmount(amount)


def check_quantity(quantity: object) -> None:
    if type(quantity) is not int or not 1 <= quantity <= MAX_INTEGER:
        raise InvalidQuantity(quantity)


def check_time(**arguments: object) -> None:
    """Milliseconds since 1970."""
    for name, value in arguments.items():
        if type(value) is not int or not 0 <= value <= LAST_MS:
            raise InvalidFormat(name, value, "milliseconds since 1970")


def check_format(name: str, value: str, pattern: str) -> None:
    check_text(**{name: value})
    if not re.fullmatch(pattern, value):
        raise InvalidFormat(name, value, f"it must match {pattern}")


def check_choice(name: str, value: str, choices: Collection[str]) -> None:
    if value not in choices:
        raise InvalidFormat(name, value, f"one of {', '.join(choices)}")


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
