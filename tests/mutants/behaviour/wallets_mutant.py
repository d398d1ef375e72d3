"""What a broken wallets implementation is, as a value, and the driver that runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pytest_chopsticks.databases import Database
from tests.economy.small_wallets import Wallets


@dataclass(frozen=True, slots=True)
class WalletsMutant:
    """An implementation broken in one way, which its docstring tells.

    Each requirement in `caught_by` has to fail, with a message that contains `says`.
    `schema` is what its schema has otherwise than the document's.
    """

    kind: type[Wallets]
    caught_by: Sequence[str]
    says: str
    schema: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.kind.__name__


class WalletsDriver:
    """An in-process driver with wallets of the mutant's kind."""

    kind: ClassVar[type[Wallets]] = Wallets
    wallets: Wallets

    def __init__(self, database: Database, token_keys: object = ()) -> None:
        self._connection = database.connect(autocommit=True)
        self.wallets = self.kind(self._connection)

    def close(self) -> None:
        self.wallets.connection.close()
        self._connection.close()


def driver_of(kind: type[Wallets]) -> type[WalletsDriver]:
    return type(kind.__name__, (WalletsDriver,), {"kind": kind, "__module__": __name__})
