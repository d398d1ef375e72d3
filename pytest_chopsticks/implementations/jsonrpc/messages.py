"""The messages on the wire, as values; nothing here reads or writes anything.

One JSON-RPC 2.0 message per line, UTF-8. Integers outside ±(2^53-1) travel as decimal strings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NoReturn, TypeAlias

from pytest_chopsticks.implementations import faults
from pytest_chopsticks.implementations.jsonrpc.failure import Failure
from pytest_chopsticks.implementations.operations.value_types import EXACT_IN_JSON

_EXCERPT_SIZE = 16 * 1024


@dataclass(frozen=True, slots=True)
class Result:
    """The request was carried out."""

    id: int
    value: object


@dataclass(frozen=True, slots=True)
class Error:
    """The request was refused, or failed: `data` tells which."""

    id: int
    code: int
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)


Reply: TypeAlias = Result | Error


def encode_request(number: int, method: str, params: Mapping[str, object]) -> bytes:
    """The line of a request.

    Raises ValueError for what JSON cannot say: not-a-number, infinity.
    """
    message = {"jsonrpc": "2.0", "id": number, "method": method, "params": _portable(params)}
    return _ENCODER.encode(message).encode("ascii") + b"\n"


def decode_reply(line: bytes) -> Reply:
    """The reply that a line (without its newline) is; raises Failure."""
    try:
        message = _DECODER.decode(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise Failure(faults.ReplyNotUtf8, excerpt=excerpt(line)) from None
    except (ValueError, RecursionError):
        raise Failure(faults.ReplyNotJson, excerpt=excerpt(line)) from None
    if not isinstance(message, dict):
        kind = "a list" if isinstance(message, list) else "a single value"
        raise Failure(faults.ReplyNotAnObject, kind=kind, excerpt=excerpt(line))
    number = message.get("id")
    if number is None:
        raise Failure(faults.ReplyWithoutId, excerpt=excerpt(line))
    if not isinstance(number, int) or isinstance(number, bool):
        raise Failure(faults.ReplyWithUnknownId, excerpt=excerpt(line))
    if ("result" in message) == (message.get("error") is not None):
        raise Failure(faults.ReplyMalformed, excerpt=excerpt(line))
    if "result" in message:
        return Result(number, message["result"])
    return _error(number, message["error"], line)


def excerpt(line: bytes) -> str:
    """The beginning of a line, with what is not UTF-8 as escapes."""
    return line[:_EXCERPT_SIZE].decode("utf-8", errors="backslashreplace")


def _error(number: int, error: object, line: bytes) -> Error:
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        raise Failure(faults.ReplyMalformed, excerpt=excerpt(line))
    code, data = error.get("code"), error.get("data")
    if not isinstance(code, int):
        raise Failure(faults.ReplyMalformed, excerpt=excerpt(line))
    return Error(number, code, error["message"], data if isinstance(data, dict) else {})


def _portable(value: object) -> object:
    if isinstance(value, bool) or value is None or isinstance(value, str | float):
        return value
    if isinstance(value, int):
        return value if -EXACT_IN_JSON <= value <= EXACT_IN_JSON else str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _portable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(item) for item in value]
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
