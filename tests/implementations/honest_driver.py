"""A small driver in Python, on the standard library alone, that keeps everything in memory."""

from __future__ import annotations

import json
import sys
from typing import Any

OPERATIONS = [
    "migrate",
    "verify_schema",
    "settings.get",
    "settings.save",
    "agents.register",
    "agents.token",
    "wallets.credit",
    "wallets.debit",
    "pets.adopt",
    "streaks.claim",
]

settings: dict[str, tuple[Any, int]] = {}
tokens: dict[str, str] = {}
wallets: dict[str, int] = {}
keys: list[Any] = []


class Refused(Exception):
    """`data` is what makes the error a rejection."""

    def __init__(self, **data: str) -> None:
        super().__init__("refused")
        self.data = data


def main() -> None:
    for line in sys.stdin.buffer:
        request = json.loads(line, parse_int=parse_as_javascript)
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            answer["result"] = carry_out(request["method"], request["params"])
        except Refused as refusal:
            answer["error"] = {"code": 1, "message": "refused", "data": refusal.data}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
        if request["method"] == "shutdown":
            break


def parse_as_javascript(digits: str) -> int:
    """Refuses what a number of JavaScript cannot hold exactly."""
    if abs(int(digits)) >= 2**53:
        raise OverflowError(digits)
    return int(digits)


def carry_out(method: str, params: dict[str, Any]) -> object:
    match method:
        case "initialize":
            keys[:] = params["token_keys"]
            return {
                "name": "honest",
                "version": "1.0",
                "language": "python",
                "homepage": None,
                "issues": None,
                "operations": OPERATIONS,
                "concurrent": False,
                "clock": "argument",
            }
        case "migrate":
            return {"applied": [params.get("migrations", "its own")]}
        case "verify_schema":
            return {"hash": json.dumps([key["id"] for key in keys])}
        case "settings.get":
            data, rev = settings.get(params["guild_id"], ({}, 0))
            return {"data": data, "rev": rev}
        case "settings.save":
            settings[params["guild_id"]] = (params["data"], params["expected_rev"] + 1)
            return {"rev": params["expected_rev"] + 1}
        case "agents.register":
            tokens[params["agent_id"]] = params["token"]
        case "agents.token":
            if params["agent_id"] not in tokens:
                raise Refused(rejection="unknown_agent")
            return {"token": tokens[params["agent_id"]]}
        case "wallets.credit":
            wallets[params["user_id"]] = int(params["amount"])
        case "wallets.debit":
            print("debiting", params["user_id"], file=sys.stderr, flush=True)
            raise Refused(sqlstate="23514")
        case "pets.adopt":
            return {"id": str(wallets[params["user_id"]])}
        case "streaks.claim":
            return {"streak": 1, "longest": int(params["at_ms"]), "multiplier": "1.05"}
    return None


main()
