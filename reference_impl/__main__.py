"""The same operations for programs in any language: JSON-RPC 2.0, a message per line, on stdio.

Standard output belongs to the protocol: whatever else is written there goes to standard error.
"""

import functools
import inspect
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO, Any, get_type_hints

import psycopg

from .implementation import Implementation
from .rejections import Rejection

PROTOCOL = 1
#: What every JSON parser can hold exactly; integers beyond it travel as decimal strings.
MAX_SAFE_INTEGER = 2**53 - 1
THREADS = 16

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
FAULT, REFUSED = -32603, -32000


@dataclass(frozen=True, slots=True)
class ConnectionString:
    dsn: str = field(repr=False)


#: Read once: it takes longer than some operations do.
_signature = functools.cache(inspect.signature)


class ProtocolError(Exception):
    """A request that is none, or that no operation can take: (code, message)."""


class Driver:
    """Answers requests; several threads may call `answer` once `initialize` was answered."""

    def __init__(self) -> None:
        self._implementation: Implementation | None = None
        self._operations: dict[str, Callable[..., object]] = {}

    def answer(self, request: Any) -> dict[str, Any]:
        """The reply to a request, whatever happens."""
        reply = {"jsonrpc": "2.0", "id": request.get("id") if isinstance(request, dict) else None}
        try:
            return reply | {"result": _for_the_wire(self._call(request))}
        except Exception as error:  # noqa: BLE001
            return reply | {"error": _as_error(error)}

    def close(self) -> None:
        if self._implementation is not None:
            self._implementation.close()

    def _call(self, request: Any) -> object:
        if request is None:
            raise ProtocolError(PARSE_ERROR, "expected JSON")
        method = _method(request)
        if not isinstance(method, str) or not isinstance(params := request.get("params", {}), dict):
            raise ProtocolError(INVALID_REQUEST, "expected a method, and params by name")
        if method == "initialize":
            return self._initialize(**params)
        if method == "shutdown":
            return None
        if not self._operations:
            raise ProtocolError(INVALID_REQUEST, "initialize comes first")
        if method not in self._operations:
            raise ProtocolError(METHOD_NOT_FOUND, f"no operation {method}")
        operation = self._operations[method]
        return operation(**_arguments(_signature(operation), params))

    def _initialize(
        self, protocol: int, database: Mapping[str, Any], token_keys: list[Any], **_: object
    ) -> dict[str, Any]:
        if protocol != PROTOCOL:
            raise ProtocolError(INVALID_PARAMS, f"protocol {protocol}; this driver has {PROTOCOL}")
        self.close()
        self._implementation = Implementation(ConnectionString(database["url"]), token_keys)
        self._operations = dict(_operations(self._implementation))
        return {
            "name": Implementation.name,
            "version": Implementation.version,
            "language": "python",
            "operations": sorted(self._operations),
            "concurrent": True,
            "clock": Implementation.clock,
        }


def _operations(implementation: Implementation) -> Iterator[tuple[str, Callable[..., object]]]:
    """The contract's names, and what carries them out: the public methods of each area."""
    yield "migrate", implementation.migrate
    yield "verify_schema", implementation.verify_schema
    for area in get_type_hints(Implementation):
        for name, method in inspect.getmembers(getattr(implementation, area), inspect.ismethod):
            if not name.startswith("_"):
                yield f"{area}.{name}", method


def _arguments(signature: inspect.Signature, params: dict[str, Any]) -> dict[str, Any]:
    """The arguments, with integers as integers where the method takes one."""
    try:
        signature.bind(**params)
    except TypeError as error:
        raise ProtocolError(INVALID_PARAMS, str(error)) from None
    return {
        name: _from_decimal(value) if signature.parameters[name].annotation is int else value
        for name, value in params.items()
    }


def _from_decimal(value: object) -> object:
    """A decimal string of an integer that is too large for a number; all else as it is."""
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdecimal():
        number = int(value)
        if abs(number) > MAX_SAFE_INTEGER:
            return number
    return value


def _for_the_wire(value: object) -> object:
    match value:
        case dict():
            return {key: _for_the_wire(item) for key, item in value.items()}
        case list():
            return [_for_the_wire(item) for item in value]
        case int() if abs(value) > MAX_SAFE_INTEGER:
            return str(value)
    return value


def _as_error(error: Exception) -> dict[str, Any]:
    """A rejection by its name, the database's by its SQLSTATE; anything else is a fault."""
    match error:
        case ProtocolError(args=(code, message)):
            return {"code": code, "message": message}
        case Rejection(rejection=name):
            return {"code": REFUSED, "message": str(error), "data": {"rejection": name}}
    traceback.print_exc()
    reply: dict[str, Any] = {"code": FAULT, "message": f"{type(error).__name__}: {error}"}
    if isinstance(error, psycopg.Error) and error.sqlstate:
        reply["data"] = {"sqlstate": error.sqlstate}
    return reply


def serve(requests: IO[bytes], replies: IO[str]) -> None:
    """Answer until `shutdown` or the end of the requests; those under way are answered first."""
    driver = Driver()
    writing = threading.Lock()

    def reply_to(request: Any) -> None:
        reply = json.dumps(driver.answer(request))
        with writing:
            print(reply, file=replies, flush=True)

    with ThreadPoolExecutor(THREADS) as threads:
        for request in map(_parsed, requests):
            match _method(request):
                case "shutdown":
                    threads.shutdown()
                    driver.close()
                    reply_to(request)
                    return
                case "initialize":  # What comes after it needs it done.
                    reply_to(request)
                case _:
                    threads.submit(reply_to, request)
    driver.close()


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _method(request: Any) -> object:
    return request.get("method") if isinstance(request, dict) else None


def main() -> None:
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as replies:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
