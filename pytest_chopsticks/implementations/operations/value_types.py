"""The types of arguments and results: how each is written in Python and JSON, and how it is read.

`read` takes what an implementation answered, in this process or over the wire, and returns the
value that the type stands for; it raises ValueError, saying what was expected, for anything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeAlias

Schema: TypeAlias = dict[str, Any]

#: Every number format holds these integers exactly; larger ones travel as decimal strings.
EXACT_IN_JSON = 2**53 - 1

_DECIMAL_INTEGER = re.compile(r"-?[0-9]{1,4000}")
_SCHEMA_OF_INTEGER: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": -EXACT_IN_JSON, "maximum": EXACT_IN_JSON},
        {"type": "string", "pattern": "^-?[0-9]+$"},
    ]
}


class ValueType(Protocol):
    """`name` is for readers, `annotation` is Python's, `schema` is JSON Schema's."""

    @property
    def name(self) -> str: ...

    @property
    def annotation(self) -> str: ...

    @property
    def schema(self) -> Schema: ...

    def read(self, value: object) -> object: ...


@dataclass(frozen=True, slots=True)
class Text:
    name: str = "text"
    annotation: str = "str"

    @property
    def schema(self) -> Schema:
        return {"type": "string"}

    def read(self, value: object) -> str:
        if isinstance(value, str):
            return value
        raise ValueError("a string")


@dataclass(frozen=True, slots=True)
class Boolean:
    name: str = "boolean"
    annotation: str = "bool"

    @property
    def schema(self) -> Schema:
        return {"type": "boolean"}

    def read(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        raise ValueError("a boolean")


@dataclass(frozen=True, slots=True)
class Integer:
    """A 64-bit integer; beyond EXACT_IN_JSON a decimal string on the wire."""

    name: str = "integer"
    annotation: str = "int"

    @property
    def schema(self) -> Schema:
        return _SCHEMA_OF_INTEGER

    def read(self, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and _DECIMAL_INTEGER.fullmatch(value):
            return int(value)
        raise ValueError("an integer, or one as a decimal string")


@dataclass(frozen=True, slots=True)
class Amount:
    """An integer, for which the suite also sends fractions, to see them refused."""

    name: str = "integer"
    annotation: str = "int"

    @property
    def schema(self) -> Schema:
        return {"anyOf": [*_SCHEMA_OF_INTEGER["anyOf"], {"type": "number"}]}

    def read(self, value: object) -> int:
        return Integer().read(value)


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number; a string keeps digits that a JSON number could lose."""

    name: str = "number"
    annotation: str = "Decimal | float"

    @property
    def schema(self) -> Schema:
        return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9.]+$"}]}

    def read(self, value: object) -> Decimal:
        if isinstance(value, int | float | str | Decimal) and not isinstance(value, bool):
            try:
                number = Decimal(str(value))
            except InvalidOperation:
                number = Decimal("NaN")
            if number.is_finite():
                return number
        raise ValueError("a number, or one as a decimal string")


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON object."""

    name: str = "JSON object"
    annotation: str = "Mapping[str, Any]"

    @property
    def schema(self) -> Schema:
        return {"type": "object"}

    def read(self, value: object) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        raise ValueError("a JSON object")


@dataclass(frozen=True, slots=True)
class TextList:
    name: str = "list of text"
    annotation: str = "Sequence[str]"

    @property
    def schema(self) -> Schema:
        return {"type": "array", "items": {"type": "string"}}

    def read(self, value: object) -> list[str]:
        if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            return list(value)
        raise ValueError("a list of strings")


@dataclass(frozen=True, slots=True)
class Key:
    """A token key: `{id, key}`, key as 64 hex digits."""

    name: str = "token key"
    annotation: str = "Mapping[str, str]"

    @property
    def schema(self) -> Schema:
        return {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "key": {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"},
            },
            "required": ["id", "key"],
            "additionalProperties": False,
        }

    def read(self, value: object) -> Mapping[str, Any]:
        return Document().read(value)
