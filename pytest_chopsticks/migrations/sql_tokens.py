"""The tokens of SQL, as far as finding the end of a statement needs them; any text has some."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      (?P<space>    \s+ | --[^\n]* )
    | (?P<comment>  /\* )
    | (?P<text>     [eE]'(?:[^'\\]|''|\\.)*'
                  | '[^']*'
                  | "[^"]*"
                  | (?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag)
                  | [\w$]+ )
    | (?P<end>      ; )
    | (?P<other>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


def tokens(sql: str) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of each token, without white space and comments.

    The kind is "end" for a semicolon, "text" for a word, a number and what is quoted.
    """
    position = 0
    while match := _TOKEN.match(sql, position):
        kind = match.lastgroup or ""
        position = _comment_end(sql, match.end()) if kind == "comment" else match.end()
        if kind not in ("space", "comment"):
            yield kind, match.start(), match.end()


def _comment_end(sql: str, position: int) -> int:
    depth = 1
    for edge in _COMMENT_EDGE.finditer(sql, position):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(sql)
