"""Values that a CHECK may want, guessed from the constants in its expression."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from pytest_chopsticks.compatibility.contents.edge_values import texts_matching
from pytest_chopsticks.compatibility.contents.numbered_values import (
    N,
    ValueType,
    cast,
    literal,
    numbered,
)

_NUMBER = re.compile(r"(?<![\w.'\"])-?\d+(?:\.\d+)?(?![\w.'\"])|(?<=')-?\d+(?:\.\d+)?(?=')")
_STRING = re.compile(r"'((?:[^']|'')*)'")
_PATTERN = re.compile(r"~\*?\s*\(?'((?:[^']|'')*)'")
_LIKE = re.compile(r"~~\*?\s*\(?'((?:[^']|'')*)'")
_NUMERIC = {"smallint", "integer", "bigint", "numeric", "real", "double precision", "money"}
_WHOLE = {"smallint", "integer", "bigint"}
_DATES = {"date", "timestamp without time zone", "timestamp with time zone"}
_RANGE_ENDS = 6

#: Shapes of text that patterns and functions in checks commonly ask for.
_SHAPES: tuple[str, ...] = (
    f"({N})::text",
    f"'a' || {N}",
    f"'A' || {N}",
    f"'user' || {N} || '@example.com'",
    f"'https://example.com/' || {N}",
    f"'/path/' || {N}",
    f"'+1' || lpad(({N} % 10000000000)::text, 10, '0')",
    f"md5('text ' || {N})",
    f"md5('text ' || {N}) || md5('more ' || {N})",
    f"md5('text ' || {N})::uuid::text",
    f"'#' || left(md5('text ' || {N}), 6)",
    f"'2020-01-' || lpad((1 + {N} % 28)::text, 2, '0')",
    f"chr(65 + ({N} % 26)::integer)",
    f"chr(65 + ({N} / 26 % 26)::integer) || chr(65 + ({N} % 26)::integer)",
    (
        f"chr(65 + ({N} / 676 % 26)::integer) || chr(65 + ({N} / 26 % 26)::integer) "
        f"|| chr(65 + ({N} % 26)::integer)"
    ),
    f"'10.' || ({N} / 65536 % 256) || '.' || ({N} / 256 % 256) || '.' || ({N} % 256)",
    "''",
)


@dataclass(frozen=True, slots=True)
class Constants:
    """What stands in expressions: numbers in ascending order, texts, and patterns."""

    numbers: tuple[Decimal, ...]
    strings: tuple[str, ...]
    patterns: tuple[str, ...]
    likes: tuple[str, ...]


def constants(expressions: Iterable[str]) -> Constants:
    text = "\n".join(expressions)
    return Constants(
        tuple(sorted({Decimal(number) for number in _NUMBER.findall(text)})),
        _strings(_STRING, text),
        _strings(_PATTERN, text),
        _strings(_LIKE, text),
    )


def candidates(type_: ValueType, usual: str, found: Constants) -> Iterator[str]:
    """Yield expressions in the order of preference, the usual values first."""
    yield usual
    for bare in _bare_candidates(type_, usual, found):
        yield cast(bare, type_)
    for step in (1, 7):
        yield numbered(usual, f"({N} + {step})")


def _bare_candidates(type_: ValueType, usual: str, found: Constants) -> Iterator[str]:
    if type_.array:
        return _of_arrays(usual, found)
    if type_.name in _NUMERIC:
        return _of_numbers(type_, found.numbers)
    if type_.is_text:
        return _of_texts(type_, usual, found)
    if type_.name in _DATES:
        return _of_dates(type_, found.strings)
    if type_.name in ("json", "jsonb"):
        return _of_documents(found.strings)
    if type_.name == "boolean":
        return iter(("true", "false"))
    return _of_constants(found.strings)


def _of_numbers(type_: ValueType, numbers: Sequence[Decimal]) -> Iterator[str]:
    for low, high in _pairs(numbers):
        yield _within(low, high)
        if type_.name not in _WHOLE:
            yield f"{low} + ({high} - {low}) * ({N} % 97 + 1) / 99.0"
    for number in (*numbers, Decimal(0)):
        yield f"{number} + 1 + {N} % 30000"
        yield f"{number} - 1 - {N} % 30000"
        yield f"{number} + {N} % 30000"
    for number in (*numbers, Decimal(0)):
        for value in (number, number + 1, number - 1):
            yield f"{value}"
    if type_.name != "smallint":
        for number in numbers:
            if number > 1:
                yield f"{number} * (1 + {N} % 1000)"
    if len(numbers) > 1:
        yield _one_of(tuple(map(str, numbers)))


def _pairs(numbers: Sequence[Decimal]) -> Iterator[tuple[Decimal, Decimal]]:
    ends = numbers[:_RANGE_ENDS]
    for index, low in enumerate(ends):
        for high in reversed(ends[index + 1 :]):
            yield low, high


def _within(low: Decimal, high: Decimal) -> str:
    """Hundredths where the ends have them, so that rounding shows."""
    if low == low.to_integral_value() and high == high.to_integral_value() and "." not in f"{low}":
        return f"{low} + {N} % ({high} - {low} + 1)"
    return f"{low} + ({N} * 7 % (({high} - {low}) * 100 + 1)::bigint) / 100.0"


def _of_texts(type_: ValueType, usual: str, found: Constants) -> Iterator[str]:
    strings = [s for s in found.strings if s not in found.patterns and s not in found.likes]
    if strings:
        yield _one_of(tuple(map(literal, strings)))
    for pattern in found.patterns:
        if values := texts_matching(pattern, type_.length):
            yield _one_of(tuple(map(literal, values)))
    for like in found.likes:
        yield _like(like)
    yield from _SHAPES
    for function in ("lower", "upper"):
        yield f"{function}({usual})"
        yield f"replace({function}({usual}), ' ', '-')"
    for length in (int(number) for number in found.numbers if 0 < number <= 1000):
        yield f"lpad(right(({N})::text, {length}), {length}, '0')"
        yield f"left(md5('text ' || {N}), {length})"
        yield f"right({usual}, {length - 1})"
        yield f"rpad({usual}, {length + 1}, 'x')"
    for string in strings:
        yield f"{literal(string)} || {N}"
        yield f"{N} || {literal(string)}"
        yield literal(string)


def _like(pattern: str) -> str:
    """`%` becomes the number, `_` a letter."""
    parts = re.split(r"(\\.|%|_)", pattern)
    spelled = {"%": f"({N})::text", "_": "'x'"}
    texts = (spelled.get(part, literal(part.removeprefix("\\"))) for part in parts if part)
    return " || ".join(texts) or "''"


def _of_dates(type_: ValueType, strings: Sequence[str]) -> Iterator[str]:
    for string in strings:
        start = cast(literal(string), type_)
        span = f"({N} % 1000)::integer" if type_.name == "date" else f"{N} * interval '1 second'"
        yield f"{start} + {span}"
        yield f"{start} - {span}"
        yield start


def _of_documents(strings: Sequence[str]) -> Iterator[str]:
    yield "'{}'"
    yield "'[]'"
    yield f"'[' || {N} || ']'"
    for value in (f"'text ' || {N}", N, "'{}'::json"):
        yield _object(strings, value)
    yield f"'\"text ' || {N} || '\"'"
    yield f"({N})::text"
    yield from _of_constants(strings)


def _object(keys: Sequence[str], value: str) -> str:
    return f"json_build_object({', '.join(f'{literal(key)}, {value}' for key in keys)})"


def _of_arrays(usual: str, found: Constants) -> Iterator[str]:
    yield "'{}'"
    yield f"({usual})[1:1]"
    for length in (int(number) for number in found.numbers if 2 < number <= 100):
        elements = (numbered(usual, f"({N} + {place})") for place in range(length))
        yield f"ARRAY[{', '.join(f'({element})[1]' for element in elements)}]"
    if found.strings:
        yield f"ARRAY[{', '.join(map(literal, found.strings))}]"
        yield f"ARRAY[{literal(found.strings[0])}]"


def _of_constants(strings: Sequence[str]) -> Iterator[str]:
    if len(strings) > 1:
        yield _one_of(tuple(map(literal, strings)))
    for string in strings:
        yield literal(string)


def _one_of(values: Sequence[str]) -> str:
    array = f"ARRAY[{', '.join(values)}]"
    return f"({array})[1 + ({N} % {len(values)})::integer]"


def _strings(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    found = (string.replace("''", "'") for string in pattern.findall(text))
    return tuple(islice(dict.fromkeys(found), 40))
