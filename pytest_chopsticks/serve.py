"""Speaks the driver protocol for a Python program that runs in an interpreter of its own.

    from pytest_chopsticks.serve import Rejected, serve  # first, before the program's own modules

    def operations(context):
        return {"wallets.credit": lambda user_id, amount, reason: ...}

    serve(operations, name="acme-bot", version="2.1.0")

It needs Python 3.9 or newer and nothing else, so it may be copied to where this package is not
installed (`chopsticks driver-path python` prints its path). A program that can be imported into the
suite's own interpreter needs none of it: see `python` in `chopsticks.toml`.

Importing it gives the protocol descriptors of its own; from then on standard output is standard
error and standard input is empty, for this process and its children.
"""

from __future__ import annotations

import json
import os
import re
import traceback
from collections.abc import Callable, Mapping
from typing import Any

PROTOCOL = 1
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND = -32700, -32600, -32601
INVALID_PARAMS, INTERNAL_ERROR, REJECTED = -32602, -32603, -32000

#: The arguments that are integers: outside ±(2^53-1) they travel as decimal strings.
INTEGER_ARGUMENTS = frozenset(
    {"amount", "at_ms", "count", "duration_ms", "expected_rev", "id", "now_ms", "quantity"}
)

_EXACT_IN_JSON = 2**53 - 1
_INTEGER = re.compile(r"-?[0-9]+")

Operations = Mapping[str, Callable[..., Any]]

_requests = os.fdopen(os.dup(0), "rb")
_replies = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
with open(os.devnull, "rb") as _nothing:  # noqa: PTH123
    os.dup2(_nothing.fileno(), 0)


class Rejected(Exception):
    """An operation's refusal, by one of the names in the contract."""

    def __init__(self, rejection: str, message: str = "") -> None:
        super().__init__(message or rejection)
        self.rejection = rejection


def serve(
    operations: Operations | Callable[[Mapping[str, Any]], Operations],
    *,
    name: str,
    version: str | None = None,
    homepage: str | None = None,
    issues: str | None = None,
    clock: str = "wall",
) -> None:
    """Answer requests, one after another, until shutdown or the end of standard input.

    `operations` are functions by their names in the contract, which get the operation's arguments
    as keyword arguments; or a function that gets `{"database": …, "token_keys": […]}` when the
    suite says which database to work on, and returns them.

    What an operation raises is a rejection when it has a string attribute `rejection`, or a
    database's SQLSTATE of class 22 or 23 (psycopg, psycopg2, asyncpg, also as a cause). All else
    is a fault, whose traceback goes to standard error.
    """
    about = {"name": name, "version": version, "homepage": homepage, "issues": issues}
    driver = _Driver(operations, {**about, "clock": clock})
    for line in _requests:
        if line.strip():
            driver.receive(line)
        if driver.ended:
            return


class _ProtocolError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class _Driver:
    def __init__(self, given: Any, about: dict[str, Any]) -> None:
        self._given = given
        self._about = about
        self._operations: Operations = {}
        self.ended = False

    def receive(self, line: bytes) -> None:
        identifier = None
        try:
            identifier, method, params = _request(line)
            answer = _encoded({"id": identifier, "result": _exact(self._call(method, params))})
        except (Exception, SystemExit) as error:  # noqa: BLE001
            answer = _encoded({"id": identifier, "error": _error_of(error)})
        _replies.write(answer)
        _replies.flush()

    def _call(self, method: str, params: dict[str, Any]) -> Any:
        if method == "initialize":
            return self._initialize(**params)
        if method == "shutdown":
            self.ended = True
            return None
        if method not in self._operations:
            raise _ProtocolError(METHOD_NOT_FOUND, f"{method} is not an operation of this driver")
        return self._operations[method](**{key: _argument(key, params[key]) for key in params})

    def _initialize(self, protocol: Any = None, **context: Any) -> dict[str, Any]:
        if protocol != PROTOCOL:
            raise _ProtocolError(
                INVALID_PARAMS, f"protocol {protocol} is asked for, and this speaks {PROTOCOL}"
            )
        self._operations = self._given(context) if callable(self._given) else self._given
        own = {"language": "python", "operations": list(self._operations), "concurrent": False}
        return {**self._about, **own}


def _request(line: bytes) -> tuple[Any, str, dict[str, Any]]:
    try:
        request = json.loads(line)
    except ValueError as error:
        raise _ProtocolError(PARSE_ERROR, str(error)) from error
    if not isinstance(request, dict) or not isinstance(request.get("method"), str):
        raise _ProtocolError(INVALID_REQUEST, "no method")
    return request.get("id"), request["method"], request.get("params") or {}


def _argument(name: str, value: Any) -> Any:
    if name in INTEGER_ARGUMENTS and isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    return value


def _exact(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT_IN_JSON else str(value)
    if isinstance(value, Mapping):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exact(item) for item in value]
    return value


def _error_of(error: BaseException) -> dict[str, Any]:
    if isinstance(error, _ProtocolError):
        return {"code": error.code, "message": str(error)}
    rejection = getattr(error, "rejection", None)
    if isinstance(rejection, str):
        return {"code": REJECTED, "message": str(error), "data": {"rejection": rejection}}
    sqlstate = _sqlstate_of(error)
    if sqlstate and sqlstate[:2] in ("22", "23"):
        return {"code": REJECTED, "message": str(error), "data": {"sqlstate": sqlstate}}
    traceback.print_exception(type(error), error, error.__traceback__)
    data = {"type": type(error).__name__, "sqlstate": sqlstate}
    return {"code": INTERNAL_ERROR, "message": str(error), "data": data}


def _sqlstate_of(error: BaseException | None) -> str | None:
    """The SQLSTATE of a database library's error, also where an ORM has wrapped it."""
    while error is not None:
        for attribute in ("sqlstate", "pgcode"):
            value = getattr(error, attribute, None)
            if isinstance(value, str):
                return value
        error = getattr(error, "orig", None) or error.__cause__
    return None


def _encoded(message: dict[str, Any]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}, allow_nan=False).encode() + b"\n"
