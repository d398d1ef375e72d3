"""SQL in the string literals of programs that cannot be run."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_chopsticks.compatibility.reading.javascript_tokens import (
    JavaScriptToken,
    NotJavaScript,
    javascript_tokens,
)
from pytest_chopsticks.errors import MigrationFileError
from pytest_chopsticks.migrations.files import JAVASCRIPT_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BEGINS_LIKE_SQL = re.compile(
    r"""\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*
    (?:ALTER|CREATE|DROP|INSERT\s+INTO|UPDATE\s+\S+\s+SET|UPDATE\s+ONLY|DELETE\s+FROM|MERGE\s+INTO
    |TRUNCATE|GRANT|REVOKE|SELECT|WITH\s+\S+\s+AS|WITH\s+RECURSIVE|DO\s+(?:\$|'|LANGUAGE)|LOCK\s
    |VACUUM|REINDEX|CLUSTER|REFRESH\s+MAT|COMMENT\s+ON|SET\s|RESET\s|BEGIN\b|COMMIT\b|ROLLBACK\b
    |START\s+TRANSACTION|SAVEPOINT\s|CALL\s|COPY\s|REASSIGN\s|SECURITY\s+LABEL|IMPORT\s+FOREIGN)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


@dataclass(frozen=True, slots=True)
class EmbeddedSql:
    """A text that begins like SQL, and the line of the literal; `line` counts from 1.

    `not_analysed` says why the text is not all that will be sent: something is put into it when
    the program runs. `text` then has `…` in these places.
    """

    text: str
    line: int
    not_analysed: str | None = None


def read_program(path: Path) -> tuple[EmbeddedSql, ...]:
    """The SQL in the string literals of a Python or JavaScript file, in the order of the file.

    Raises MigrationFileError when it cannot be read as a program of its suffix.
    """
    try:
        content = path.read_bytes()
        if path.suffix == ".py":
            return tuple(_of_python(content))
        if path.suffix in JAVASCRIPT_SUFFIXES:
            return tuple(_of_javascript(content.decode("utf-8-sig")))
    except OSError as error:
        raise MigrationFileError(f"{path} cannot be read: {error.strerror}") from error
    except (SyntaxError, ValueError, NotJavaScript, RecursionError, MemoryError) as error:
        raise MigrationFileError(
            f"{path}: the SQL in it cannot be found: {type(error).__name__}: {error}",
            hint="Correct the syntax; then its statements are read, or better, run.",
        ) from error
    raise MigrationFileError(f"{path} is neither Python nor JavaScript")


def _of_python(content: bytes) -> Iterator[EmbeddedSql]:
    tree = ast.parse(content)
    parts = _parts_of_others(tree)
    found = [_python_literal(node) for node in ast.walk(tree) if id(node) not in parts]
    yield from sorted((one for one in found if one is not None), key=lambda one: one.line)


def _parts_of_others(tree: ast.AST) -> set[int]:
    """What is inside an f-string or a sum of strings, and docstrings, which nobody sends."""
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) or _is_composed(node):
            inside |= {id(child) for child in ast.walk(node)} - {id(node)} - _calls_in(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            inside.add(id(node.value))
    return inside


def _calls_in(node: ast.AST) -> set[int]:
    calls = (child for child in ast.walk(node) if isinstance(child, ast.Call) and child is not node)
    return {id(inner) for call in calls for inner in ast.walk(call)}


def _is_composed(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod)


def _python_literal(node: ast.AST) -> EmbeddedSql | None:
    match node:
        case ast.Constant(value=str(text)):
            return _embedded(text, node.lineno)
        case ast.JoinedStr() | ast.BinOp():
            pieces = _pieces(node)
            return _embedded("".join(piece or "…" for piece in pieces), node.lineno, None in pieces)
        case _:
            return None


def _pieces(node: ast.AST) -> list[str | None]:
    """The constant parts of an expression; None for each that is not."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return [piece for value in values for piece in _pieces(value)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_pieces(left), *_pieces(right)]
        case ast.BinOp(left=left, op=ast.Mod()):
            return [*_pieces(left), None]
        case _:
            return [None]


def _of_javascript(source: str) -> Iterator[EmbeddedSql]:
    tokens = list(javascript_tokens(source))
    for number, token in enumerate(tokens):
        if token.kind not in ("string", "template"):
            continue
        added = "…" if _is_added_to(tokens, number) else ""
        line = source.count("\n", 0, token.start) + 1
        one = _embedded(_javascript_text(token) + added, line, bool(added or token.code))
        if one is not None:
            yield one


def _is_added_to(tokens: list[JavaScriptToken], number: int) -> bool:
    neighbours = tokens[max(0, number - 1) : number] + tokens[number + 1 : number + 2]
    return any(token.text == "+" for token in neighbours)


def _javascript_text(token: JavaScriptToken) -> str:
    text = token.text
    for start, end in reversed(token.code):
        text = text[:start] + "…" + text[end:]
    return _ESCAPE.sub(_unescaped, text[1:-1])


def _unescaped(escape: re.Match[str]) -> str:
    name = escape[1]
    if name[0] in "ux" and len(name) > 1:
        code = int(name[1:].strip("{}"), 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return "" if name in ("\n", "\r\n") else _ESCAPED.get(name, name)


def _embedded(text: str, line: int, composed: bool = False) -> EmbeddedSql | None:
    if not _BEGINS_LIKE_SQL.match(text):
        return None
    why = "part of its text is put in when the program runs" if composed else None
    return EmbeddedSql(text, line, why)
