"""What an honest driver does; each of its neighbours does one thing otherwise.

The lie is told where the bait is: in the operation that BAIT in the environment names, `migrate` by
itself, and in a call whose `reason` is "bait".
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

Message = dict[str, Any]

HANDSHAKE: Message = {
    "name": "faux",
    "version": "1.0",
    "language": "python",
    "operations": [
        "migrate",
        "wallets.credit",
        "wallets.debit",
        "agents.register",
        "settings.save",
    ],
}


def has_bait(request: Message) -> bool:
    operation = os.environ.get("BAIT", "migrate")
    return bool(request["method"] == operation or request["params"].get("reason") == "bait")


def serve(
    lie: Callable[[Message], object],
    bait: Callable[[Message], bool] = has_bait,
    **handshake: object,
) -> None:
    """Answer every request honestly but those with bait in them, which `lie` gets."""
    for request in requests():
        if request["method"] == "initialize":
            send(reply(request, {**HANDSHAKE, **handshake}))
        elif bait(request):
            lie(request)
        else:
            send(reply(request))
        if request["method"] == "shutdown":
            return


def requests() -> Iterator[Message]:
    for line in sys.stdin.buffer:
        yield json.loads(line)


def reply(request: Message, result: object = None) -> Message:
    return {"jsonrpc": "2.0", "id": request["id"], "result": result}


def error(request: Message, message: str, code: int = -32000, **data: object) -> Message:
    problem = {"code": code, "message": message, "data": data}
    return {"jsonrpc": "2.0", "id": request["id"], "error": problem}


def send(message: object) -> None:
    write(json.dumps(message).encode() + b"\n")


def write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
