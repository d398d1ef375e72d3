"""Who does what in a round of concurrent operations; all of it drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from .contention import Operation, Scenario


def anything(
    draw: random.Random, operations: Sequence[str], users: Sequence[str], drivers: int
) -> list[list[Operation]]:
    """One operation a driver, of any kind; together they want more than there is."""
    return [[_operation(draw, operations, users, f"driver {n}")] for n in range(1, drivers + 1)]


def short_programs(
    draw: random.Random, operations: Sequence[str], users: Sequence[str], drivers: int
) -> list[list[Operation]]:
    """Three operations a driver."""
    return [
        [_operation(draw, operations, users, f"driver {n}, step {step}") for step in (1, 2, 3)]
        for n in range(1, drivers + 1)
    ]


def opposite_transfers(
    draw: random.Random, operations: Sequence[str], users: Sequence[str], drivers: int
) -> list[list[Operation]]:
    """Every other driver sends in the other direction, three times."""
    del operations
    first, second = users
    return [
        [
            _transfer(draw, first, second, f"driver {n}")
            if n % 2
            else _transfer(draw, second, first, f"driver {n}")
            for _ in range(3)
        ]
        for n in range(1, drivers + 1)
    ]


def alike(operation: str, amount: int) -> Scenario:
    """The same operation by every driver on the same wallet: the plainest way to lose an update."""

    def scenario(
        draw: random.Random, operations: Sequence[str], users: Sequence[str], drivers: int
    ) -> list[list[Operation]]:
        del draw, operations
        return [
            [(operation, _arguments(operation, users[0], users[1], amount, f"driver {n}"))]
            for n in range(1, drivers + 1)
        ]

    return scenario


def _operation(
    draw: random.Random, operations: Sequence[str], users: Sequence[str], reason: str
) -> Operation:
    name = draw.choice(operations)
    user, other = draw.sample(users, 2)
    return name, _arguments(name, user, other, draw.choice((5, 30, 60, 100)), reason)


def _transfer(draw: random.Random, sender: str, receiver: str, reason: str) -> Operation:
    name, amount = "wallets.transfer", draw.randint(1, 10)
    return name, _arguments(name, sender, receiver, amount, reason)


def _arguments(
    operation: str, user: str, other: str, amount: int, reason: str
) -> dict[str, object]:
    match operation.rpartition(".")[2]:
        case "transfer":
            return {"from_user": user, "to_user": other, "amount": amount, "reason": reason}
        case "deposit" | "withdraw":
            return {"user_id": user, "amount": amount}
        case _:
            return {"user_id": user, "amount": amount, "reason": reason}
