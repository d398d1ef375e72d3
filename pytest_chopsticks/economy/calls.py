"""How operations are carried out: a driver of the suite, or anybody's object with methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from pytest_chopsticks.errors import ImplementationFault, Rejected
from pytest_chopsticks.implementations import Accepted, Outcome, Refused

OPERATIONS = (
    "wallets.credit",
    "wallets.debit",
    "wallets.transfer",
    "wallets.deposit",
    "wallets.withdraw",
)

#: Those that move money between wallets, and so have a reason and write a row of the log.
LOGGED = ("wallets.credit", "wallets.debit", "wallets.transfer")

_DATABASE_REFUSED = ("22", "23")


@dataclass(frozen=True, slots=True)
class Faulted:
    """The operation neither answered nor rejected: it broke."""

    error: Exception


Answer: TypeAlias = Accepted | Refused | Faulted


@runtime_checkable
class Call(Protocol):
    """Carries out an operation of the contract; raises whatever it likes when it breaks."""

    def __call__(self, operation: str, /, **arguments: object) -> Outcome: ...


def answer(call: Call, operation: str, arguments: dict[str, object]) -> Answer:
    """Carry out one operation, and take note if it breaks."""
    try:
        return call(operation, **arguments)
    except Exception as error:  # noqa: BLE001
        return Faulted(error)


@dataclass(frozen=True, slots=True)
class MethodCalls:
    """Calls `wallets.credit(user_id=…, amount=…, reason=…)` and so on of any object.

    A rejection is one of `refusals`, an exception with a text attribute `rejection`, or one of
    the database's with an SQLSTATE of class 22 or 23.
    """

    wallets: object
    refusals: tuple[type[Exception], ...] = (Rejected,)

    def __call__(self, operation: str, /, **arguments: object) -> Outcome:
        method = getattr(self.wallets, operation.rpartition(".")[2], None)
        if not callable(method):
            raise ImplementationFault(f"{type(self.wallets).__name__} has no {operation}")
        try:
            return Accepted(method(**arguments), "")
        except Exception as error:
            name, sqlstate = getattr(error, "rejection", None), getattr(error, "sqlstate", None)
            known = isinstance(error, self.refusals) or isinstance(name, str)
            if not known and str(sqlstate)[:2] not in _DATABASE_REFUSED:
                raise
            return Refused(name if isinstance(name, str) else None, str(error), "", sqlstate)

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations that the object has a method for."""
        methods = (name.rpartition(".")[2] for name in OPERATIONS)
        found = [callable(getattr(self.wallets, method, None)) for method in methods]
        return tuple(name for name, there in zip(OPERATIONS, found, strict=True) if there)
