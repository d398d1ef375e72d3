"""The tokens of JavaScript, as far as strings and comments have to be told from code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      (?P<space>    \s+ | //[^\n\u2028\u2029]* | /\*.*?\*/ | \A\#![^\n]* )
    | (?P<string>   '(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*" )
    | (?P<template> ` )
    | (?P<word>     [\w$]+ )
    | (?P<other>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
_TEMPLATE_PIECE = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)

#: Behind these words a `/` begins a regular expression, behind any other it divides.
_BEFORE_REGEX = frozenset(
    {
        "return",
        "typeof",
        "case",
        "in",
        "of",
        "new",
        "delete",
        "void",
        "throw",
        "await",
        "yield",
        "do",
        "else",
    }
)


class NotJavaScript(Exception):
    """A string, a template or a comment does not end."""


@dataclass(frozen=True, slots=True)
class JavaScriptToken:
    """`kind` is "string", "template", "regex", "word" or "other".

    A template is one token, from backtick to backtick; `code` are the places of each `${…}` in
    its text.
    """

    kind: str
    text: str
    start: int
    code: tuple[tuple[int, int], ...] = ()


def javascript_tokens(source: str) -> Iterator[JavaScriptToken]:
    """The tokens without comments and white space; raises NotJavaScript."""
    position = 0
    before: JavaScriptToken | None = None
    while position < len(source):
        token, position = _next(source, position, before)
        if token is not None:
            yield token
            before = token


def _next(
    source: str, position: int, before: JavaScriptToken | None
) -> tuple[JavaScriptToken | None, int]:
    if source[position] == "/" and source[position + 1 : position + 2] not in ("/", "*"):
        regex = _REGEX.match(source, position) if _may_begin_regex(before) else None
        if regex:
            return JavaScriptToken("regex", regex[0], position), regex.end()
    match = _TOKEN.match(source, position)
    if (
        match is None
        or match[0] in ("'", '"')
        or (source.startswith("/*", position) and not match["space"])
    ):
        raise NotJavaScript(position)
    kind = match.lastgroup or ""
    if kind == "template":
        end, code = _template_end(source, match.end())
        inside = tuple((start - position, stop - position) for start, stop in code)
        return JavaScriptToken(kind, source[position:end], position, inside), end
    token = None if kind == "space" else JavaScriptToken(kind, match[0], position)
    return token, match.end()


def _may_begin_regex(before: JavaScriptToken | None) -> bool:
    if before is None:
        return True
    if before.kind == "word":
        return before.text in _BEFORE_REGEX
    return before.kind == "other" and before.text not in (")", "]", "}")


def _template_end(source: str, position: int) -> tuple[int, list[tuple[int, int]]]:
    """Behind the closing backtick; what is in `${…}` may have strings and templates of its own."""
    code: list[tuple[int, int]] = []
    while True:
        piece = _TEMPLATE_PIECE.match(source, position)
        position = piece.end() if piece else position
        if source[position : position + 1] == "`":
            return position + 1, code
        if source[position : position + 2] != "${":
            raise NotJavaScript(position)
        end = _code_end(source, position + 2)
        code.append((position, end))
        position = end


def _code_end(source: str, position: int) -> int:
    depth = 1
    before: JavaScriptToken | None = None
    while position < len(source):
        token, position = _next(source, position, before)
        if token is not None:
            before = token
            depth += (token.text == "{") - (token.text == "}")
            if depth == 0:
                return position
    raise NotJavaScript(position)
