"""Checks of the arguments, before anything is asked of the database.

Types are compared exactly: to Python True is an int as well, and 1.0 equals 1.
"""

import json
import re
from collections.abc import Collection
from typing import Any

from psycopg.types.json import Jsonb

from .clock import LAST_MS
from .rejections import Rejection

JsonObject = dict[str, Any]

MAX_BIGINT = 2**63 - 1
MAX_INTEGER = 2**31 - 1

_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def check_text(**arguments: object) -> None:
    """Refuse what a TEXT column cannot hold: U+0000, lone surrogates, other types."""
    for name, value in arguments.items():
        if not isinstance(value, str):
            raise Rejection("invalid_text", f"{name} is not text")
        _check_characters(name, value, has_nul="\0" in value)


def as_jsonb(name: str, value: object) -> Jsonb | None:
    """The value for a JSONB column, None for SQL's NULL; refuses what JSON or JSONB cannot hold."""
    if value is None:
        return None
    try:
        encoded = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise Rejection("invalid_text", f"{name} is not JSON, or nested too deeply") from None
    _check_characters(name, encoded, has_nul=_ESCAPED_NUL.search(encoded) is not None)
    return Jsonb(value)


def as_jsonb_object(name: str, value: object) -> Jsonb | None:
    """As `as_jsonb`, for columns that hold an object."""
    if value is not None and not isinstance(value, dict):
        raise Rejection("invalid_text", f"{name} is not an object")
    return as_jsonb(name, value)


def check_amount(amount: object) -> None:
    allowed = range(1, MAX_BIGINT + 1)
    check_integer("amount", amount, allowed, "a whole number from 1 to 2^63-1", "invalid_amount")


def check_quantity(quantity: object) -> None:
    allowed = range(1, MAX_INTEGER + 1)
    expected = "a whole number from 1 to 2^31-1"
    check_integer("the quantity", quantity, allowed, expected, "invalid_quantity")


def check_time(name: str, value: object) -> None:
    check_integer(name, value, range(LAST_MS + 1), "milliseconds since 1970")


def check_integer(
    name: str, value: object, allowed: range, expected: str, rejection: str = "invalid_format"
) -> None:
    if type(value) is not int or value not in allowed:
        raise unexpected(name, value, expected, rejection)


def check_format(name: str, value: str, pattern: str) -> None:
    check_text(**{name: value})
    if not re.fullmatch(pattern, value):
        raise unexpected(name, value, f"a match of {pattern}")


def check_choice(
    name: str, value: str, choices: Collection[str], rejection: str = "invalid_format"
) -> None:
    if value not in choices:
        raise unexpected(name, value, f"one of {', '.join(choices)}", rejection)


def unexpected(
    name: str, value: object, expected: str, rejection: str = "invalid_format"
) -> Rejection:
    return Rejection(rejection, f"{name} is {value!r}; expected {expected}")


def _check_characters(name: str, text: str, has_nul: bool) -> None:
    if has_nul:
        raise Rejection("invalid_text", f"{name} contains U+0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Rejection("invalid_text", f"{name} contains half a surrogate pair") from None
