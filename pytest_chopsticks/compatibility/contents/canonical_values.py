"""The SQL of a value's canonical text: the same for values that a lossless change keeps equal.

Widening an integer, a float, a numeric or a text leaves it as it was, and so do json to jsonb and
date to timestamp; rounding, truncation and loss of time do not.
"""

from __future__ import annotations

from pytest_chopsticks.compatibility.contents.numbered_values import ValueType

_INTEGERS = {"smallint", "integer", "bigint", "oid"}
_FLOATS = {"real", "double precision"}
_TIMES = {"date", "timestamp without time zone", "timestamp with time zone"}


def canonical_value(column: str, type_: ValueType) -> str:
    """The SQL of the canonical text; `column` is SQL too. NULL stays NULL.

    The caller has pinned what the texts of values depend on, the time zone to UTC.
    """
    if type_.array:
        return _array(column, type_)
    return _single(column, type_.name)


def _single(value: str, name: str) -> str:
    if name in _INTEGERS:
        return f"{value}::text"
    if name == "numeric":
        return f"trim_scale({value}::numeric)::text"
    if name in _FLOATS:
        # Through text, since a cast to numeric would round to 15 digits.
        return (
            f"CASE WHEN {value}::text IN ('NaN', 'Infinity', '-Infinity') THEN {value}::text"
            f" ELSE trim_scale({value}::text::numeric)::text END"
        )
    if name in ("json", "jsonb"):
        return f"{value}::jsonb::text"
    if name in _TIMES:
        return f"regexp_replace(regexp_replace({value}::text, '\\+00$', ''), ' 00:00:00$', '')"
    return f"{value}::text"


def _array(value: str, type_: ValueType) -> str:
    """The elements one by one where their texts differ though they are equal."""
    if type_.name not in (*_FLOATS, "numeric", "json"):
        return f"{value}::text"
    element = _single("element", type_.name)
    elements = f"ARRAY(SELECT {element} FROM unnest({value}) AS element)"  # noqa: S608
    return f"CASE WHEN {value} IS NOT NULL THEN array_ndims({value}) || {elements}::text END"
