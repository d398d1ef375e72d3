"""Values at the edges of a type, and texts that match a pattern; drawn repeatably."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pytest_chopsticks.compatibility.contents.numbered_values import ValueType

T = TypeVar("T")

_LONGEST_TEXT = 300
_DRAWN = 12

#: Large enough that a narrower type has no room for them, small enough that a migration can add
#: two of them or multiply one, and such that clients in other languages can read them.
_EDGES: Mapping[str, tuple[str, ...]] = {
    "smallint": ("16001", "-16001", "0"),
    "integer": ("1000000007", "-1000000007", "0"),
    "bigint": ("9007199254740993", "-9007199254740993", "0"),
    "real": ("1.2345679e+30", "-1.2345679e-30", "0"),
    "double precision": ("1.2345678901234567e+100", "-1.2345678901234567e-100", "0"),
    "money": ("1234567890.12", "-1234567890.12"),
    "boolean": ("true", "false"),
    "date": ("9999-12-30", "0001-01-02"),
    "timestamp without time zone": ("9999-12-30 23:59:59.999999", "0001-01-02"),
    "timestamp with time zone": ("9999-12-30 23:59:59.999999+00", "0001-01-02+00"),
    "time without time zone": ("23:59:59.999999", "00:00:00"),
    "time with time zone": ("23:59:59.999999+12", "00:00:00-12"),
    "interval": ("1000 years", "-1000 years", "1 mon -1 days 00:00:00.000001"),
    "uuid": ("ffffffff-ffff-ffff-ffff-ffffffffffff", "00000000-0000-0000-0000-000000000000"),
    "bytea": ("\\x", "\\x00ff0a27", "\\x" + "00" * 200),
    "inet": ("255.255.255.255", "::1/128", "10.0.0.1/8"),
    "cidr": ("0.0.0.0/0", "2001:db8::/32"),
    "macaddr": ("ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"),
    "int4range": ("empty", "(,)"),
    "int8range": ("empty", "(,)"),
    "numrange": ("empty", "(,)"),
    "daterange": ("empty", "(,)"),
    "tsrange": ("empty", "(,)"),
    "tstzrange": ("empty", "(,)"),
}


def edge_values(type_: ValueType) -> tuple[str, ...]:
    """The texts of the type's edges, the largest first; none where the type has none known."""
    if type_.array:
        return ("{}", "{NULL}")
    if type_.labels:
        return (type_.labels[-1], type_.labels[0])
    if type_.is_text:
        return _texts(type_)
    if type_.name == "numeric":
        return _numerics(type_)
    if type_.name in ("json", "jsonb"):
        return _documents()
    return _EDGES.get(type_.name, ())


def _texts(type_: ValueType) -> tuple[str, ...]:
    longest = min(type_.length or _LONGEST_TEXT, _LONGEST_TEXT)
    drawn = (text[:longest] for text in _drawn_texts())
    first = ("ü✓" * longest)[:longest], "", "'\"\\ %s $1 {}"[:longest]
    return tuple(dict.fromkeys((*first, *drawn)))


def _numerics(type_: ValueType) -> tuple[str, ...]:
    if not type_.modifiers:
        return ("12345678901234567890.123456789012345", "-0.000000000000001", "0")
    precision, scale = (*type_.modifiers, 0)[:2]
    largest = f"4{'9' * (precision - 1)}e{-scale}"
    return (largest, f"-{largest}", "0", f"1e{-scale}")


@cache
def _drawn_texts() -> tuple[str, ...]:
    alphabet = st.characters(exclude_characters="\0", exclude_categories=["Cs", "Cc"])
    return _draw(st.text(alphabet, max_size=20))


@cache
def _documents() -> tuple[str, ...]:
    text = st.text(
        st.characters(exclude_characters="\0", exclude_categories=["Cs", "Cc"]), max_size=8
    )
    number = st.integers(-(2**53), 2**53) | st.decimals(-(10**6), 10**6, places=3).map(float)
    leaves = st.none() | st.booleans() | number | text
    nested = st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
        max_leaves=8,
    )
    drawn = _draw(st.dictionaries(text, nested, max_size=4).map(json.dumps))
    return tuple(dict.fromkeys(("{}", '{"a": [1, 2.5, null, {"ü": "✓"}]}', *drawn)))


@cache
def texts_matching(pattern: str, length: int | None) -> tuple[str, ...]:
    """Texts that a regular expression matches; none where Python does not read it alike."""
    try:
        strategy = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=False)
        drawn = _draw(strategy, 60)
    except (re.error, ValueError):
        return ()
    fitting = (text for text in drawn if length is None or len(text) <= length)
    return tuple(text for text in fitting if "\0" not in text and text.isprintable())


def _draw(strategy: st.SearchStrategy[T], count: int = _DRAWN) -> tuple[T, ...]:
    """Draw the same values every time, without a database of examples."""
    drawn: list[T] = []

    @settings(
        database=None,
        deadline=None,
        derandomize=True,
        max_examples=count,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(value: T) -> None:
        drawn.append(value)

    draw()
    return tuple(dict.fromkeys(drawn))
