"""One operation of the contract, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_chopsticks.implementations.operations.value_types import ValueType


@dataclass(frozen=True, slots=True)
class Argument:
    """A named value that goes in; a `secret` one is never shown."""

    name: str
    type: ValueType
    description: str
    optional: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class ResultField:
    """A named value that comes out; a `secret` one is never shown."""

    name: str
    type: ValueType
    description: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """What an implementation can be asked to do.

    Without `result` fields it answers nothing that is looked at. `rejections` are the names that
    the contract has for its refusals.
    """

    name: str
    summary: str
    arguments: tuple[Argument, ...] = ()
    result: tuple[ResultField, ...] = ()
    rejections: tuple[str, ...] = ()
    notes: str = ""

    @property
    def namespace(self) -> str:
        """`wallets` of `wallets.credit`; empty for `migrate`."""
        return self.name.rpartition(".")[0]

    @property
    def method(self) -> str:
        """`credit` of `wallets.credit`."""
        return self.name.rpartition(".")[2]

    @property
    def answers_secret(self) -> bool:
        return any(field.secret for field in self.result)

    def read_result(self, value: object) -> Mapping[str, object] | None:
        """The answer with each field as its type says, and what the contract does not name as is.

        Raises ValueError, saying what was expected and what is there, for another shape. None
        when the operation has no result, whatever was answered.
        """
        if not self.result:
            return None
        if not isinstance(value, Mapping):
            raise ValueError(f"expected {self._shape}, got {_kind(value)}")  # noqa: TRY004
        answer = dict(value)
        for field in self.result:
            if field.name not in answer:
                raise ValueError(f"expected {self._shape}, and {field.name} is missing")
            try:
                answer[field.name] = field.type.read(answer[field.name])
            except ValueError as error:
                found = _kind(answer[field.name])
                raise ValueError(f"{field.name} should be {error}, not {found}") from None
        return answer

    @property
    def _shape(self) -> str:
        fields = ", ".join(f"{field.name}: {field.type.name}" for field in self.result)
        return f"{{{fields}}}"


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "an integer", float: "a fraction", str: "a string"}
    containers = {list: "a list", tuple: "a list", dict: "an object"}
    return (names | containers).get(type(value), type(value).__name__)
