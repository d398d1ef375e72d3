"""One spelling of the server's deparsed SQL, whatever its version.

PostgreSQL 14 began to show functions that were called in SQL's own syntax in that syntax:
`SUBSTRING(a FROM 1)` where 13 showed `"substring"((a)::text, 1)`; implicit casts of the arguments
are lost in it, so they are dropped from the older spelling, which is the one kept here. And 16 left
out the table's name before the columns of a view over a single table: for views 16's is kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

# A node is a lexeme, or the lexemes between two parentheses.
Node = str | list["Node"]

_LEXEME = re.compile(
    r"""(?P<literal>'(?:[^']|'')*'|"(?:[^"]|"")*")"""
    r"""|(?P<space>\s+)|(?P<word>[^\W\d][\w$]*)|(?P<other>.)""",
    re.DOTALL,
)
# Names that only newer servers quote, because they became keywords after 13.
_QUOTED_SINCE_13 = re.compile(
    r'"(json|json_array|json_arrayagg|json_exists|json_object|json_objectagg|json_query'
    r'|json_scalar|json_serialize|json_table|json_value|merge_action|system_user)"'
)
_CONCERNED = re.compile(
    r"\b(?:AT TIME ZONE|(?:EXTRACT|SUBSTRING|TRIM|POSITION|OVERLAY"
    r'|[blr]trim|timezone|date_part)\(|(?:substring|position|overlay)"\()'
)
# The types to which arguments of these functions are cast without being asked.
_IMPLICIT_CAST = re.compile(r"::(?:text|timestamp with(?:out)? time zone)")
# Times have microseconds whether that is said or not, and tools like to say it.
_FULL_PRECISION = re.compile(r"\A(time|timestamp)\(6\)")
_CLAUSE_AFTER_FROM = {"WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH"}
_TRIMS = {"BOTH": "btrim", "LEADING": "ltrim", "TRAILING": "rtrim"}


def canonical(text: str) -> str:
    """An expression or definition, with single spaces and function calls as 13 shows them."""
    text = _QUOTED_SINCE_13.sub(r"\1", text)
    if _CONCERNED.search(text):
        text = _text(_nested(_lexemes(text)))
    elif "\n" in text or "  " in text:
        text = "".join(_lexemes(text))
    return text.strip()


def canonical_type(text: str) -> str:
    """A type without a precision that it has anyway."""
    return _FULL_PRECISION.sub(r"\1", text)


def canonical_view(text: str) -> str:
    """A view's query without its final semicolon, its only table's name not repeated."""
    lexemes = _lexemes(canonical(text).rstrip(";"))
    qualifier = _only_table(lexemes)
    return "".join(lexemes if qualifier is None else _without(lexemes, qualifier))


def when_given(convert: Callable[[str], Value], text: str | None) -> Value | None:
    return None if text is None else convert(text)


def _lexemes(text: str) -> list[str]:
    return [" " if match["space"] else match[0] for match in _LEXEME.finditer(text)]


def _nested(lexemes: list[str]) -> list[Node]:
    stack: list[list[Node]] = [[]]
    for lexeme in lexemes:
        if lexeme == "(":
            stack.append([])
        elif lexeme == ")" and len(stack) > 1:
            group = stack.pop()
            stack[-1].append(group)
        else:
            stack[-1].append(lexeme)
    return stack[0]


def _text(nodes: list[Node]) -> str:
    parts: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
        elif parts and parts[-1] in _CALLS and (call := _CALLS[parts[-1]](node)) is not None:
            parts[-1] = call
        elif parts and parts[-1] in _FUNCTIONS:
            parts[-1] = _call(parts[-1], *_split(node, ","))
        else:
            parts.append(_time_zone(node) or f"({_text(node)})")
    return "".join(parts)


def _call(function: str, *arguments: str) -> str:
    return f"{function}({', '.join(map(_without_cast, arguments))})"


def _without_cast(argument: str) -> str:
    nodes = _nested(_lexemes(argument))
    if nodes and isinstance(nodes[0], list) and _IMPLICIT_CAST.fullmatch(_text(nodes[1:])):
        return _text(nodes[0])
    return argument


def _time_zone(group: list[Node]) -> str | None:
    value, *zone = _split(group, "AT TIME ZONE")
    return _call("timezone", zone[0], value) if zone else None


def _extract(group: list[Node]) -> str | None:
    field, *source = _split(group, "FROM")
    return _call("date_part", f"'{field}'::text", source[0]) if source else None


def _substring(group: list[Node]) -> str | None:
    text, *bounds = _split(group, "FROM", "FOR")
    return _call('"substring"', text, *bounds) if bounds else None


def _trim(group: list[Node]) -> str | None:
    before, *source = _split(group, "FROM")
    side, _, characters = before.partition(" ")
    if not source or side not in _TRIMS:
        return None
    return _call(_TRIMS[side], *filter(None, [source[0], characters]))


def _position(group: list[Node]) -> str | None:
    part, *whole = _split(group, "IN")
    return _call('"position"', _unwrapped(whole[0]), _unwrapped(part)) if whole else None


def _overlay(group: list[Node]) -> str | None:
    text, *rest = _split(group, "PLACING", "FROM", "FOR")
    return _call('"overlay"', text, *rest) if rest else None


_CALLS = {
    "EXTRACT": _extract,
    "SUBSTRING": _substring,
    "TRIM": _trim,
    "POSITION": _position,
    "OVERLAY": _overlay,
}
_FUNCTIONS = {
    '"substring"',
    '"position"',
    '"overlay"',
    "btrim",
    "ltrim",
    "rtrim",
    "timezone",
    "date_part",
}


def _split(group: list[Node], *keywords: str) -> list[str]:
    """The texts between the keywords that stand directly in the group."""
    parts: list[list[Node]] = [[]]
    position = 0
    while position < len(group):
        length = next((n for k in keywords if (n := _keyword_length(group, position, k))), 0)
        if length:
            parts.append([])
        else:
            parts[-1].append(group[position])
        position += length or 1
    return [_text(part).strip() for part in parts]


def _keyword_length(group: list[Node], position: int, keyword: str) -> int:
    words: list[Node] = list(" ".join(keyword.split()).replace(" ", "\0 \0").split("\0"))
    return len(words) if group[position : position + len(words)] == words else 0


def _unwrapped(text: str) -> str:
    """POSITION's operands stand in parentheses that an argument list does not need."""
    nodes = _nested(_lexemes(text))
    if len(nodes) == 1 and isinstance(nodes[0], list):
        return _text(nodes[0])
    return text


def _only_table(lexemes: list[str]) -> str | None:
    """The name by which a query with one table in its only FROM refers to it."""
    words = [lexeme for lexeme in lexemes if lexeme != " "]
    if words.count("FROM") != 1 or words.count("SELECT") != 1:
        return None
    source = words[words.index("FROM") + 1 :]
    end = next((i for i, word in enumerate(source) if word in _CLAUSE_AFTER_FROM), len(source))
    source = source[:end]
    name = source[2:] if len(source) > 2 and source[1] == "." else source
    if not name or len(name) > 2:
        return None
    return name[-1]


def _without(lexemes: list[str], qualifier: str) -> list[str]:
    kept: list[str] = []
    position = 0
    while position < len(lexemes):
        if lexemes[position : position + 2] == [qualifier, "."]:
            position += 2
            continue
        kept.append(lexemes[position])
        position += 1
    return kept
