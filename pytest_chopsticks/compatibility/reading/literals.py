"""String literals that hold SQL: where their contents stand, and what constant expressions say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pytest_chopsticks.migrations.postgres_parser import CannotParse, parse_sql, scan_sql

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_chopsticks.compatibility.reading.context import Context

_DOLLAR_TAG = re.compile(r"\$[^$]*\$")
_LITERALS = frozenset({"SCONST", "USCONST"})
_FORMAT = re.compile(r"%(?:(\d+)\$)?([sIL%])")


def contents_places(context: Context, location: int, value: str) -> Callable[[int], int]:
    """Maps places in `value`, the literal's at byte `location`, to places of the whole text.

    Exact but for literals with escapes, where all of it stands at the literal's beginning.
    """
    at, text = _literal(context.text, context.positions.character(location) - context.start)
    base = context.start + at
    if tag := _DOLLAR_TAG.match(text):
        return lambda place: context.outward(base + tag.end() + place)
    if text.startswith("'") and text[1:-1].replace("''", "'") == value:
        places = _unescaped(text)
        return lambda place: context.outward(base + places[min(place, len(places) - 1)])
    return lambda _: context.outward(base)


def constant_text(expression: str) -> str | None:
    """The value of an SQL expression made of literals, `||` and format(); None for any other."""
    try:
        parsed = parse_sql("SELECT " + expression).statements
    except CannotParse:
        return None
    targets = parsed[0].node.select_stmt.target_list if len(parsed) == 1 else []
    return _value(targets[0].res_target.val) if len(targets) == 1 else None


def _value(node: Any) -> str | None:
    match node.WhichOneof("node"):
        case "a_const":
            return str(node.a_const.sval.sval) if node.a_const.HasField("sval") else None
        case "type_cast":
            return _value(node.type_cast.arg)
        case "a_expr" if [name.string.sval for name in node.a_expr.name] == ["||"]:
            left, right = _value(node.a_expr.lexpr), _value(node.a_expr.rexpr)
            return None if left is None or right is None else left + right
        case "func_call":
            return _call(node.func_call)
        case _:
            return None


def _call(call: Any) -> str | None:
    name = call.funcname[-1].string.sval
    values = [_value(argument) for argument in call.args]
    if name == "quote_ident" and len(values) == 1 and values[0] is not None:
        return _identifier(values[0])
    if name == "format" and values and values[0] is not None:
        return _formatted(values[0], values[1:])
    return None


def _formatted(template: str, arguments: list[str | None]) -> str | None:
    number = -1
    parts, end = [], 0
    for place in _FORMAT.finditer(template):
        parts.append(template[end : place.start()])
        end = place.end()
        if place[2] == "%":
            parts.append("%")
            continue
        number = int(place[1]) - 1 if place[1] else number + 1
        value = arguments[number] if 0 <= number < len(arguments) else None
        if value is None:
            return None
        quoted = {"s": value, "I": _identifier(value), "L": "'" + value.replace("'", "''") + "'"}
        parts.append(quoted[place[2]])
    return "".join(parts) + template[end:]


def _identifier(name: str) -> str:
    """Always quoted, which says the same: without quotes it might be a keyword."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str, start: int) -> tuple[int, str]:
    """The first one at or behind `start`: its place and how it is written."""
    found = next(
        token for token in scan_sql(text) if token.start >= start and token.kind in _LITERALS
    )
    return found.start, text[found.start : found.end]


def _unescaped(literal: str) -> list[int]:
    """For each character of the value, and its end, its place in the literal."""
    places, at = [], 1
    while at < len(literal) - 1:
        places.append(at)
        at += 2 if literal[at] == "'" else 1
    return [*places, at]
