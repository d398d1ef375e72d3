"""Which column a placeholder stands for, told by what is written beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_INSERT = re.compile(
    r"\bINSERT\s+INTO\s+(?P<table>[\w.\"]+)(?:\s+AS\s+\w+)?\s*\((?P<columns>[^()]*)\)\s*"
    r"(?:OVERRIDING\s+\w+\s+VALUE\s+)?VALUES\s*(?P<values>\(.*)",
    re.IGNORECASE | re.DOTALL,
)
_NAME = r"(?:[\w\"]+\.)?\"?(?P<name>\w+)\"?"
_CAST = r"(?:::[\w\[\]]+)?"
_OPERATOR = r"\s*(?:=|<>|!=|<=|>=|<|>|~~?\*?|@>|<@|\bI?LIKE\b|\bIN\s*\(|=\s*ANY\s*\()\s*"


def placeholder_columns(text: str, names: Sequence[str | None]) -> list[str | None]:
    """For each placeholder the name of its column, or its own name, or None."""
    found: list[str | None] = [None] * len(names)
    for place in range(len(names)):
        found[place] = _beside(text, place + 1) or names[place]
    for column, number in _inserted(text):
        if number <= len(found):
            found[number - 1] = column
    return found


def inserted_table(text: str) -> str | None:
    """The table that an INSERT with a list of columns writes to."""
    insert = _INSERT.search(text)
    return insert["table"].split(".")[-1].strip('"') if insert else None


def _beside(text: str, number: int) -> str | None:
    placeholder = rf"\(?\s*\${number}\b"
    before = re.search(rf"{_NAME}{_CAST}{_OPERATOR}(?:\w+\s*\(\s*)?{placeholder}", text, re.I)
    if before:
        return before["name"]
    between = re.search(rf"{_NAME}\s+BETWEEN\s+\$\d+\s+AND\s+{placeholder}", text, re.I)
    first = re.search(rf"{_NAME}\s+BETWEEN\s+{placeholder}", text, re.I)
    after = re.search(rf"{placeholder}{_CAST}\s*(?:=|<|>|<=|>=)\s*{_NAME}", text)
    found = between or first or after
    return found["name"] if found else None


def _inserted(text: str) -> list[tuple[str, int]]:
    """The placeholders that are alone in their place of VALUES, with their columns."""
    insert = _INSERT.search(text)
    if insert is None:
        return []
    columns = [name.strip().strip('"') for name in insert["columns"].split(",")]
    pairs = zip(columns, _places(insert["values"]), strict=False)
    return [
        (column, int(found[1]))
        for column, value in pairs
        if (found := re.fullmatch(r"\s*\$(\d+)(?:::[\w\[\] ]+)?\s*", value))
    ]


def _places(values: str) -> list[str]:
    """The values of the first row, split at the commas that are not inside parentheses."""
    places, depth, start = [], 0, 1
    for position, character in enumerate(values):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 or (depth == 1 and character == ","):
            places.append(values[start:position])
            start = position + 1
        if depth == 0:
            break
    return places
