"""The same operations for programs in any language: JSON-RPC 2.0, a message per line, on stdio.

Standard output belongs to the protocol: whatever else is written there goes to standard error.
"""

import inspect
import json
import os
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from operator import attrgetter
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


class ProtocolError(Exception):
    """A request that is none, or that no operation can take."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Driver:
    """Answers requests; several threads may call `answer` once `initialize` was answered."""

    def __init__(self) -> None:
        self._implementation: Implementation | None = None
        self._methods: dict[str, tuple[Callable[..., object], inspect.Signature]] = {}

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
        match request:
            case None:
                raise ProtocolError(PARSE_ERROR, "expected JSON")
            case {"method": str(method), "params": dict(params)}:
                pass
            case {"method": str(method)} if "params" not in request:
                params = {}
            case _:
                raise ProtocolError(INVALID_REQUEST, "expected a method, and params by name")
        match method:
            case "initialize":
                return self._initialize(**params)
            case "shutdown":
                return None
        return self._operate(method, params)

    def _initialize(
        self, protocol: int, database: Mapping[str, Any], token_keys: list[Any], **_: object
    ) -> dict[str, Any]:
        if protocol != PROTOCOL:
            raise ProtocolError(INVALID_PARAMS, f"protocol {protocol}; this driver has {PROTOCOL}")
        self.close()
        self._implementation = Implementation(ConnectionString(database["url"]), token_keys)
        methods = {name: attrgetter(name)(self._implementation) for name in OPERATIONS}
        # Read here once: it takes longer than some operations do.
        self._methods = {
            name: (method, inspect.signature(method)) for name, method in methods.items()
        }
        return {
            "name": Implementation.name,
            "version": Implementation.version,
            "language": "python",
            "operations": sorted(OPERATIONS),
            "concurrent": True,
            "clock": Implementation.clock,
        }

    def _operate(self, operation: str, params: dict[str, Any]) -> object:
        if operation not in OPERATIONS:
            raise ProtocolError(METHOD_NOT_FOUND, f"no operation {operation}")
        if not self._methods:
            raise ProtocolError(INVALID_REQUEST, "initialize comes first")
        method, signature = self._methods[operation]
        return method(**_arguments(signature, params))


def _operations() -> frozenset[str]:
    methods = {
        f"{area}.{name}"
        for area, cls in get_type_hints(Implementation).items()
        for name, _ in inspect.getmembers(cls, inspect.isfunction)
        if not name.startswith("_")
    }
    return frozenset({"migrate", "verify_schema"} | methods)


OPERATIONS = _operations()


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
        case ProtocolError():
            return {"code": error.code, "message": str(error)}
        case Rejection():
            data = {"rejection": error.rejection}
            return {"code": REFUSED, "message": str(error), "data": data}
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

    last = None
    with ThreadPoolExecutor(THREADS) as threads:
        for request in map(_parsed, requests):
            if _method(request) == "shutdown":
                last = request
                break
            # What comes after it needs it done.
            call = threads.submit(reply_to, request)
            if _method(request) == "initialize":
                call.result()
    driver.close()
    if last is not None:
        reply_to(last)


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
