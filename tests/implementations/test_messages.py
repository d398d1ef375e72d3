"""What goes over the wire to a driver, and what of its answers is no answer."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from pytest_chopsticks.implementations import faults
from pytest_chopsticks.implementations.jsonrpc.failure import Failure
from pytest_chopsticks.implementations.jsonrpc.handshake import read_handshake
from pytest_chopsticks.implementations.jsonrpc.messages import (
    Error,
    Reply,
    Result,
    decode_reply,
    encode_request,
)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (2**53 - 1, 9007199254740991),
        (2**53, "9007199254740992"),
        (Decimal("1.10"), "1.10"),
        ([{"deep": 2**63}], [{"deep": "9223372036854775808"}]),
    ],
)
def test_numbers_that_json_may_lose_are_strings(value: object, sent: object) -> None:
    line = encode_request(1, "echo", {"value": value})

    assert json.loads(line)["params"] == {"value": sent}


@pytest.mark.parametrize("line", [b'{"id": 1, "result": NaN}', b'{"id": 1, "result": -Infinity}'])
def test_what_is_no_number_is_no_json(line: bytes) -> None:
    with pytest.raises(Failure) as raised:
        decode_reply(line)

    assert raised.value.fault is faults.ReplyNotJson


@pytest.mark.parametrize(
    "error", ['"no"', '{"code": -32000}', '{"message": "no"}', '{"code": "E", "message": "no"}']
)
def test_an_error_has_a_code_and_a_message(error: str) -> None:
    with pytest.raises(Failure) as raised:
        decode_reply(f'{{"id": 1, "error": {error}}}'.encode())

    assert raised.value.fault is faults.ReplyMalformed


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("ready", "it is not an object"),
        ({"operations": [], "name": 7}, "name is not a string"),
        ({"operations": [], "concurrent": "yes"}, "concurrent is not a boolean"),
        ({"operations": [], "clock": "utc"}, 'clock is neither "argument" nor "wall"'),
    ],
)
def test_a_handshake_of_another_shape_is_told_apart(answer: object, problem: str) -> None:
    with pytest.raises(Failure) as raised:
        read_handshake(Result(1, answer))

    assert raised.value.fault is faults.HandshakeMalformed
    assert raised.value.facts == {"problem": problem}


@pytest.mark.parametrize(
    "reply",
    [Result(1, {"protocol": 2, "operations": []}), Error(1, -32000, "too old", {"protocol": 2})],
    ids=["accepted", "refused"],
)
def test_another_protocol_is_told_before_anything_else(reply: Reply) -> None:
    with pytest.raises(Failure) as raised:
        read_handshake(reply)

    assert raised.value.fault is faults.WrongProtocol
