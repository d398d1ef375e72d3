"""The first request and its answer: `initialize`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.implementations import faults
from pytest_chopsticks.implementations.implementation import Clock
from pytest_chopsticks.implementations.jsonrpc.failure import Failure
from pytest_chopsticks.implementations.jsonrpc.messages import Error, Reply
from pytest_chopsticks.implementations.operations import OPERATIONS

if TYPE_CHECKING:
    from pytest_chopsticks.implementations.database_address import ImplementationDatabase
    from pytest_chopsticks.implementations.token_key import TokenKey

PROTOCOL = 1


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a driver says of itself; None is what it does not say."""

    operations: frozenset[str]
    name: str | None = None
    version: str | None = None
    language: str | None = None
    homepage: str | None = None
    issues: str | None = None
    concurrent: bool = False
    clock: Clock = "wall"


def initialize_params(
    database: ImplementationDatabase, token_keys: Sequence[TokenKey]
) -> dict[str, Any]:
    """The protocol's version, the way to the database, the keys that tokens are encrypted with."""
    return {
        "protocol": PROTOCOL,
        "database": {
            "url": database.url,
            "host": database.host,
            "port": database.port,
            "user": database.user,
            "password": database.password,
            "dbname": database.name,
        },
        "token_keys": [{"id": key.id, "key": key.key} for key in token_keys],
    }


def read_handshake(reply: Reply) -> Handshake:
    """What the driver answered; raises Failure with the fault that it is."""
    if isinstance(reply, Error):
        _check_protocol(reply.data)
        raise Failure(faults.HandshakeRefused, message=reply.message)
    answer = reply.value
    if not isinstance(answer, dict):
        raise Failure(faults.HandshakeMalformed, problem="it is not an object")
    _check_protocol(answer)
    return Handshake(
        operations=_operations(answer.get("operations")),
        name=_text(answer, "name"),
        version=_text(answer, "version"),
        language=_text(answer, "language"),
        homepage=_text(answer, "homepage"),
        issues=_text(answer, "issues"),
        concurrent=_concurrent(answer.get("concurrent", False)),
        clock=_clock(answer.get("clock", "wall")),
    )


def _check_protocol(answer: Mapping[str, Any]) -> None:
    if (protocol := answer.get("protocol", PROTOCOL)) != PROTOCOL:
        raise Failure(faults.WrongProtocol, protocol=protocol)


def _operations(names: object) -> frozenset[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Failure(faults.HandshakeMalformed, problem="operations is not a list of names")
    for unknown in sorted(set(names) - OPERATIONS):
        nearest = get_close_matches(unknown, OPERATIONS, n=1)
        correction = f"Did you mean {nearest[0]!r}? " if nearest else ""
        raise Failure(faults.UnknownOperationClaimed, operation=unknown, correction=correction)
    return frozenset(names)


def _text(answer: Mapping[str, Any], key: str) -> str | None:
    value = answer.get(key)
    if value is not None and not isinstance(value, str):
        raise Failure(faults.HandshakeMalformed, problem=f"{key} is not a string")
    return value


def _concurrent(value: object) -> bool:
    if not isinstance(value, bool):
        raise Failure(faults.HandshakeMalformed, problem="concurrent is not a boolean")
    return value


def _clock(value: object) -> Clock:
    if value == "argument" or value == "wall":
        return value
    raise Failure(faults.HandshakeMalformed, problem='clock is neither "argument" nor "wall"')
