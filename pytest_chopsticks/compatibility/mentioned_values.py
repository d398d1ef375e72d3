"""The constants in a migration that changes rows: in its SQL, and sent beside it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from pytest_chopsticks.compatibility.claim_findings import texts_of
from pytest_chopsticks.compatibility.contents import Mentioned
from pytest_chopsticks.compatibility.reading.javascript_tokens import (
    NotJavaScript,
    javascript_tokens,
)
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.sql_tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_chopsticks.migrations.files import MigrationFile

_CHANGES_ROWS = re.compile(r"\b(?:UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_DOLLARS = re.compile(r"(\$[^$]*\$)(.*)\1", re.DOTALL)
_QUOTED = re.compile(r"[eE]?'(.*)'", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,18}")

_LONGEST = 60
_TEXTS = 30
_NUMBERS = 15


def mentioned_values(file: MigrationFile) -> Mentioned | None:
    """What rows may hold that it looks for; None where it changes none, or cannot be read."""
    try:
        content = file.content.decode("utf-8-sig")
        if not _CHANGES_ROWS.search(content):
            return None
        found = [*(one for text in texts_of(file) for one in _constants(text.text))]
        found += _of_program(content, file.suffix)
    except (MigrationFileError, SyntaxError, ValueError, NotJavaScript, RecursionError):
        return None
    numbers = (int(one) for one in found if _NUMBER.fullmatch(one))
    texts = (one for one in found if len(one) <= _LONGEST and "\0" not in one)
    return Mentioned(tuple(dict.fromkeys(texts))[:_TEXTS], tuple(dict.fromkeys(numbers))[:_NUMBERS])


def tables_mentioned(file: MigrationFile, tables: frozenset[str]) -> list[str]:
    """The tables whose names are words in it."""
    words = set(re.findall(r"\w+", file.content.decode("utf-8", "replace")))
    return sorted(tables & words)


def _constants(sql: str) -> Iterator[str]:
    """Also those in literals that hold SQL themselves."""
    for _, start, end in tokens(sql):
        token = sql[start:end]
        if dollars := _DOLLARS.fullmatch(token):
            yield from _constants(dollars[2])
        elif quoted := _QUOTED.fullmatch(token):
            text = quoted[1].replace("''", "'")
            yield text
            if _CHANGES_ROWS.search(text):
                yield from _constants(text)
        elif _NUMBER.fullmatch(token):
            yield token


def _of_program(content: str, suffix: str) -> Iterator[str]:
    if suffix == ".sql":
        return
    if suffix == ".py":
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.Constant) and type(node.value) in (str, int):
                yield str(node.value)
        return
    for token in javascript_tokens(content):
        if token.kind == "string":
            yield token.text[1:-1]
        elif _NUMBER.fullmatch(token.text):
            yield token.text
