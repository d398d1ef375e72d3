"""For each type, the SQL of a value made from a number: the same number, the same value.

The values have what a lossy change would take from them: digits behind the point, microseconds,
lengths. Times lie in fixed years, so that none is mistaken for the time of the statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from pytest_chopsticks.catalog.names import unquoted
from pytest_chopsticks.catalog.structure import Column, Snapshot

#: The hole in an expression, for the SQL of a bigint that is at least 1.
N = "\ue000"

_MODIFIED = re.compile(r"^(?P<name>.*?)\((?P<modifiers>[-\d, ]+)\)(?P<rest>.*)$")
_TEXTS = {"text", "character varying", "citext", "name"}

_SIMPLE: Mapping[str, str] = {
    "smallint": f"{N} % 32000",
    "integer": f"{N} % 2147483000",
    "bigint": N,
    "oid": f"{N} % 4294967000",
    "real": f"{N} % 1000000 + 0.25",
    "double precision": f"{N} + 0.1",
    "money": f"({N} % 1000000000 + 0.05)::numeric",
    "boolean": f"{N} % 2 = 0",
    "date": f"date '2020-01-01' + ({N} % 100000)::integer",
    "timestamp without time zone": (
        f"timestamp '2020-01-01 00:00:00.123456' + {N} * interval '1 second'"
    ),
    "timestamp with time zone": (
        f"timestamptz '2020-01-01 00:00:00.123456+00' + {N} * interval '1 second'"
    ),
    "time without time zone": (f"time '00:00:00.123456' + ({N} % 86000) * interval '1 second'"),
    "time with time zone": (f"timetz '00:00:00.123456+00' + ({N} % 86000) * interval '1 second'"),
    "interval": f"{N} * interval '1.123456 seconds'",
    "uuid": f"md5('uuid ' || {N})",
    "json": f"json_build_object('n', {N}, 'text', 'value ' || {N})",
    "jsonb": f"jsonb_build_object('n', {N}, 'text', 'value ' || {N})",
    "xml": f"('<value>' || {N} || '</value>')",
    "bytea": f"decode(md5('bytes ' || {N}), 'hex')",
    "inet": f"inet '10.0.0.0' + ({N} % 16000000)",
    "cidr": f"inet '10.0.0.0' + ({N} % 16000000)",
    "macaddr": f"lpad(to_hex({N} % 281474976710656), 12, '0')",
    "macaddr8": f"lpad(to_hex({N}), 16, '0')",
    "bit varying": f"({N})::bigint::bit(64)",
    "tsvector": f"to_tsvector('simple', 'word' || {N})",
    "tsquery": f"('word' || {N})",
    "point": f"point({N}, {N} + 0.5)",
    "box": f"box(point({N}, {N}), point({N} + 1, {N} + 1))",
    "circle": f"circle(point({N}, {N}), 1)",
    "line": f"line(point({N}, 0), point({N} + 1, 1))",
    "lseg": f"lseg(point({N}, 0), point({N} + 1, 1))",
    "path": f"path(polygon(box(point({N}, 0), point({N} + 1, 1))))",
    "polygon": f"polygon(box(point({N}, 0), point({N} + 1, 1)))",
    "pg_lsn": f"('0/' || to_hex({N} % 4294967000))",
    '"char"': f"chr(97 + ({N} % 26)::integer)",
    "hstore": f"('n=>' || {N})",
    "ltree": f"('n' || {N})",
    "int4range": f"int4range(({N} % 200000000 * 10)::integer, ({N} % 200000000 * 10 + 5)::integer)",
    "int8range": f"int8range({N} * 10, {N} * 10 + 5)",
    "numrange": f"numrange({N} + 0.25, {N} + 0.75)",
    "daterange": (
        f"daterange(date '2020-01-01' + ({N} % 100000 * 10)::integer, "
        f"date '2020-01-06' + ({N} % 100000 * 10)::integer)"
    ),
    "tsrange": (
        f"tsrange(timestamp '2020-01-01' + {N} * interval '1 minute', "
        f"timestamp '2020-01-01 00:00:30.5' + {N} * interval '1 minute')"
    ),
    "tstzrange": (
        f"tstzrange(timestamptz '2020-01-01 00:00+00' + {N} * interval '1 minute', "
        f"timestamptz '2020-01-01 00:00:30.5+00' + {N} * interval '1 minute')"
    ),
}


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type's `name` without its `modifiers`, how deep it is an `array`, and how SQL spells it.

    `labels` are an enum's. A domain is the type below it; its own name stays in `spelling`, and
    `never_null` says that it refuses NULL.
    """

    name: str
    modifiers: tuple[int, ...]
    array: bool
    spelling: str
    labels: tuple[str, ...] = ()
    never_null: bool = False

    @property
    def is_text(self) -> bool:
        return not self.array and (self.name in _TEXTS or self.name == "character")

    @property
    def length(self) -> int | None:
        """What a text has room for, where it is limited."""
        if self.name == "character":
            return self.modifiers[0] if self.modifiers else 1
        return self.modifiers[0] if self.name == "character varying" and self.modifiers else None


def value_type(column: Column, snapshot: Snapshot) -> ValueType:
    """What values of the column are made of."""
    spelling, below, never_null = column.type, column.type, False
    while (domain := snapshot.domains.get(unquoted(below))) is not None:
        below, never_null = domain.type, never_null or not domain.nullable
    array = below.endswith("[]")
    element = below[:-2] if array else below
    labels = snapshot.enums.get(unquoted(element), ())
    modified = _MODIFIED.match(element)
    if modified is None:
        return ValueType(element, (), array, spelling, labels, never_null)
    modifiers = tuple(int(number) for number in modified["modifiers"].split(","))
    return ValueType(
        modified["name"] + modified["rest"], modifiers, array, spelling, labels, never_null
    )


def numbered_value(column: str, type_: ValueType) -> str | None:
    """The values of a column; None where the type is unknown."""
    element = _element(column, type_)
    if element is None:
        return None
    if type_.array:
        return cast(f"ARRAY[{element}, {numbered(element, f'({N} + 1)')}]", type_)
    return cast(element, type_)


def numbered(expression: str, number: str | int) -> str:
    """Fill the hole; a number is made a bigint."""
    return expression.replace(N, f"{number}::bigint" if isinstance(number, int) else number)


def cast(expression: str, type_: ValueType) -> str:
    return f"({expression})::{type_.spelling}"


def literal(value: str) -> str:
    """A text constant; the caller has pinned standard_conforming_strings."""
    return sql.Literal(value).as_string(None).lstrip()


def _element(column: str, type_: ValueType) -> str | None:
    if type_.labels:
        labels = ", ".join(map(literal, type_.labels))
        count = len(type_.labels)
        return f"(ARRAY[{labels}])[1 + ({N} % {count})::integer]"
    if type_.name in _TEXTS or type_.name == "character":
        return _text(column, type_)
    if type_.name == "numeric":
        return _numeric(type_)
    if type_.name == "bit":
        bits = type_.modifiers[0] if type_.modifiers else 1
        return f"({N})::bigint::bit({bits})"
    if type_.name.endswith("multirange"):
        return _multirange(type_.name)
    return _SIMPLE.get(type_.name)


def _text(column: str, type_: ValueType) -> str:
    """The column's name and the number: columns of one name in several tables join."""
    room = type_.length
    if type_.name == "character":
        return f"lpad(right(({N})::text, {room}), {room}, '0')"
    if room is None or room >= len(column) + 12:
        return f"{literal(column + ' ')} || {N}"
    return f"right({literal(column + ' ')} || {N}, {room})"


def _numeric(type_: ValueType) -> str:
    if not type_.modifiers:
        return f"{N} + 0.123456789"
    precision, scale = (*type_.modifiers, 0)[:2]
    whole = 10 ** min(max(precision - scale, 0), 15)
    unit = f"1e{-scale}::numeric"
    fractions = 10 ** min(max(scale, 0), 9)
    if scale <= 0:
        return f"({N} % {10 ** min(precision, 15)}) * {unit}"
    return f"({N} % {whole}) + (({N} * 7 + 3) % {fractions}) * {unit}"


def _multirange(name: str) -> str | None:
    one = _SIMPLE.get(name.replace("multirange", "range"))
    return None if one is None else f"{name}({one})"
