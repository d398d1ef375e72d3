"""An application's SQL file: its statements, each with its placeholders numbered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TOKEN = re.compile(
    r"""
      (?P<name>     --[ \t]*(?:name:)[ \t]*(?P<title>[\w.-]+)[^\n]* )
    | (?P<comment>  --[^\n]* | /\*.*?\*/ )
    | (?P<space>    \s+ )
    | (?P<quoted>   [eE]'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
                  | (?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag) )
    | (?P<cast>     :: | := )
    | (?P<numbered> \$\d+ )
    | (?P<percent>  %\((?P<inside>\w+)\)s | %s )
    | (?P<named>    (?<![\w\]])[:@](?P<word>[^\W\d]\w*) )
    | (?P<operator> \?[|&] | @> | <@ | %% )
    | (?P<mark>     \? )
    | (?P<end>      ; )
    | (?P<other>    [\w$]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class WrittenStatement:
    """A statement as it stands in a file.

    `text` has its placeholders as `$1`, `$2`, …; `plain` is as it was written, for a reader that
    takes `?` for an operator. `names` are the names of the placeholders, where they have any.
    """

    file: Path
    line: int
    title: str
    text: str
    plain: str
    names: tuple[str | None, ...]


def read_statements(file: Path) -> Iterator[WrittenStatement]:
    """The statements of the file; a comment `-- name: …` before one is its title.

    Placeholders may be `$1`, `:name`, `@name`, `%s`, `%(name)s` or `?`. Raises OSError, or
    UnicodeDecodeError where the file is not UTF-8.
    """
    text = file.read_text(encoding="utf-8-sig")
    reading = _Reading(file)
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "end" or token["end"]:
            yield from reading.finish()
        else:
            reading.take(token, text.count("\n", 0, token.start()) + 1)
    yield from reading.finish()


class _Reading:
    """Collects the tokens of one statement."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._begin()

    def _begin(self) -> None:
        self._line = 0
        self._title: str | None = None
        self._pieces: list[str] = []
        self._plain: list[str] = []
        self._names: list[str | None] = []

    def take(self, token: re.Match[str], line: int) -> None:
        if token["title"] and not self._line:
            self._title = token["title"]
        if token["name"] or token["comment"]:
            self._append(" ", " ")
        elif token["space"]:
            self._append(" ", token[0])
        else:
            self._line = self._line or line
            self._append(self._spelled(token), token[0])

    def _append(self, piece: str, plain: str) -> None:
        if self._line:
            self._pieces.append(piece)
            self._plain.append(plain)

    def _spelled(self, token: re.Match[str]) -> str:
        if token["numbered"]:
            number = int(token[0][1:])
            self._names += [None] * (number - len(self._names))
            return token[0]
        name = token["inside"] or token["word"]
        if name is not None:
            if name not in self._names:
                self._names.append(name)
            return f"${self._names.index(name) + 1}"
        if token["percent"] or token["mark"]:
            self._names.append(None)
            return f"${len(self._names)}"
        return "%" if token[0] == "%%" else token[0]

    def finish(self) -> Iterator[WrittenStatement]:
        text, plain = "".join(self._pieces).strip(), "".join(self._plain).strip()
        if text:
            title = self._title or _shortened(text)
            yield WrittenStatement(self._file, self._line, title, text, plain, tuple(self._names))
        self._begin()


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _TITLE_LENGTH else f"{flat[:_TITLE_LENGTH]}…"
