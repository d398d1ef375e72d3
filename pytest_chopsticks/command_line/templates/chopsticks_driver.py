"""The driver: how the conformance suite asks this implementation to do things.

An operation that is here is claimed, and judged: `wallets.credit` is the method `credit` of what
the attribute `wallets` holds. The suite looks at the tables itself, so that an operation only acts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# from pytest_chopsticks import Rejected


class Wallets:
    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    # def credit(self, user_id: str, amount: int, reason: str) -> None:
    #     ...
    #
    # def debit(self, user_id: str, amount: int, reason: str) -> None:
    #     ...
    #     raise Rejected("insufficient_funds")


class Implementation:
    concurrent = False  # True: several threads may call one instance at once
    clock = "wall"  # "argument": operations use the time they are given
    wallets: Wallets

    def __init__(self, database: Any, token_keys: Sequence[Mapping[str, str]]) -> None:
        """`database` has `.url` and `.dsn`; of the keys, the first is the one to encrypt with."""
        self.token_keys = token_keys
        self.wallets = Wallets(database.dsn)

    # def migrate(self, migrations: str | None = None) -> dict[str, list[str]]:
    #     return {"applied": [...]}

    def close(self) -> None:
        """Called when the instance is done with."""
