"""A program that logs in every way there is, at import already, and a driver for it."""

import os
import subprocess
import sys
from typing import Any

from pytest_chopsticks.serve import Rejected, serve

print("logged at import")
sys.stdout.write("written at import\n")
os.write(1, b"descriptor 1\n")
subprocess.run(["sh", "-c", "echo from a child; cat"])


class DatabaseError(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__("refused")
        self.sqlstate = sqlstate


def rejected(**_: Any) -> None:
    raise Rejected("insufficient_funds", "there is nothing left")


def wrapped(**_: Any) -> None:
    raise RuntimeError("query failed") from DatabaseError("23514")


def raising(error: Exception) -> Any:
    def operation(**_: Any) -> None:
        raise error

    return operation


def operations(context: Any) -> dict[str, Any]:
    def credit(user_id: str, amount: int) -> dict[str, Any]:
        print(f"crediting {user_id}")
        keys = len(context["token_keys"])
        return {"url": context["database"]["url"], "keys": keys, "doubled": amount * 2}

    return {
        "wallets.credit": credit,
        "wallets.debit": rejected,
        "wallets.transfer": wrapped,
        "wallets.deposit": raising(DatabaseError("40001")),
        "wallets.withdraw": raising(TypeError("boo")),
        "pets.adopt": lambda **_: {"id": 2**53, "safe": 5, "user": "12345678901234567890"},
        "pets.update": lambda **_: {"itself": object()},
        "inventory.add": lambda **_: print("x" * 300_000),
    }


serve(operations, name="noisy", version="1.2.3")
