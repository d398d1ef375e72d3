"""The table [known-failures] of a `chopsticks.toml`, changed with all else left as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import tomlkit
from tomlkit.items import InlineTable, Table

_TABLE = "known-failures"


def rewrite(path: Path, *, add: Mapping[str, str], remove: Iterable[str]) -> None:
    """Add entries, id and reason, and remove others; comments and formatting stay."""
    text = path.read_bytes().decode("utf-8")
    document = tomlkit.parse(text)
    table = _table_of(document)
    for id_ in remove:
        del table[id_]
    for id_, reason in add.items():
        table[id_] = reason
    path.write_bytes(_with_line_ends_of(text, tomlkit.dumps(document)).encode())


def _table_of(document: tomlkit.TOMLDocument) -> Table | InlineTable:
    if _TABLE not in document:
        if not document.as_string().endswith("\n"):
            document.add(tomlkit.nl())
        document.add(tomlkit.nl())
        document.add(_TABLE, tomlkit.table())
    table = document[_TABLE]
    assert isinstance(table, Table | InlineTable)
    return table


def _with_line_ends_of(before: str, text: str) -> str:
    lines = text.replace("\r\n", "\n")
    return lines.replace("\n", "\r\n") if "\r\n" in before else lines
