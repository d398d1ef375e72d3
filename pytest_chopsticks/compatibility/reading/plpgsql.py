"""The SQL in a PL/pgSQL body, with its places.

Read by its tokens: libpg_query's own PL/pgSQL parser needs a database's types, and gives lines at
best. What the words do not explain is a part of kind UNKNOWN.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from pytest_chopsticks.migrations.postgres_parser import scan_sql

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(Enum):
    """SQL is a statement, EXPRESSION an SQL expression, DYNAMIC one whose value is executed."""

    SQL = auto()
    EXPRESSION = auto()
    DYNAMIC = auto()
    TRANSACTION_END = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Part:
    """`text` is what stands at `start` in the body, INTO and its targets blanked."""

    kind: Kind
    text: str
    start: int


_SKIPPED = frozenset({"NULL", "FETCH", "MOVE", "CLOSE", "GET", "END"})
_LEVELS = frozenset({"DEBUG", "LOG", "INFO", "NOTICE", "WARNING", "EXCEPTION"})
_ENDINGS = frozenset({"COMMIT", "ROLLBACK"})
_TARGETS_FOLLOW = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "EXECUTE"})
_NOT_TARGETS_AFTER = frozenset({"INSERT", "MERGE"})
_OPEN, _CLOSE = ("(", "["), (")", "]")


def read_body(body: str) -> Iterator[Part]:
    """The parts of `body`, in order; raises CannotParse where it has no tokens."""
    yield from _Walk(body).parts()


class _Walk:
    """Goes from statement to statement; `_at` is the next token."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._tokens = scan_sql(body)
        self._words = [body[token.start : token.end].upper() for token in self._tokens]
        self._at = 0
        self._cursors: set[str] = set()

    def parts(self) -> Iterator[Part]:
        while self._at < len(self._words):
            before = self._at
            yield from self._statement()
            self._at = max(self._at, before + 1)

    def _statement(self) -> Iterator[Part]:
        word = self._words[self._at]
        if word in (";", "BEGIN", "ELSE", "LOOP", "EXCEPTION"):
            self._at += 1
        elif word.startswith("<<"):
            self._at = self._find({">>"}) + 1
        elif word == "DECLARE":
            self._at += 1
            yield from self._declarations()
        elif word in ("IF", "ELSIF", "ELSEIF", "WHEN"):
            # What WHEN says of errors reads like columns, which call nothing.
            yield from self._condition({"THEN"})
        elif word == "WHILE":
            yield from self._condition({"LOOP"})
        elif word == "CASE":
            yield from self._condition({"WHEN"}, consumed=False)
        elif word in ("FOR", "FOREACH"):
            yield from self._loop()
        elif word == "#":  # Such as `#variable_conflict use_column`, without a semicolon.
            self._at += 3
        else:
            yield from self._simple(word)

    def _simple(self, word: str) -> Iterator[Part]:
        """One that ends with a semicolon."""
        first, end = self._at, self._find(set())
        self._at = end + 1
        if word in _SKIPPED:
            return
        if word in _ENDINGS:
            yield self._part(Kind.TRANSACTION_END, first, end)
        elif word == "EXECUTE":
            yield from self._dynamic(first + 1, end)
        elif word in ("EXIT", "CONTINUE"):
            yield from self._expression(self._outside(first, end, {"WHEN"}) + 1, end)
        elif word == "RAISE":
            yield from self._raise(first + 1, end)
        elif word in ("PERFORM", "ASSERT"):
            yield from self._expression(first + 1, end)
        elif word == "RETURN":
            yield from self._return(first, end)
        elif word == "OPEN":
            yield from self._cursor(first, end)
        elif (assigned := self._assignment(first, end)) is not None:
            yield from self._expression(assigned, end)
        else:
            yield self._sql(first, end)

    def _declarations(self) -> Iterator[Part]:
        while self._at < len(self._words) and self._words[self._at] != "BEGIN":
            first, end = self._at, self._find(set())
            self._at = end + 1
            words = self._words[first:end]
            if "CURSOR" in words[:4]:
                self._cursors.add(words[0])
                yield from self._cursor(first, end)
                continue
            value = next(
                (i for i, word in enumerate(words) if word in (":=", "=", "DEFAULT")), None
            )
            if value is not None:
                yield from self._expression(first + value + 1, end)

    def _condition(self, stops: set[str], *, consumed: bool = True) -> Iterator[Part]:
        first = self._at = self._at + 1
        end = self._find(stops)
        self._at = end + 1 if consumed else end
        yield from self._expression(first, end)

    def _loop(self) -> Iterator[Part]:
        self._at += 1
        start = self._find({"IN"}) + 1
        self._at = start
        end = self._find({"LOOP"})
        words = self._words[start:end]
        self._at = end + 1
        if words[:1] == ["EXECUTE"]:
            yield from self._dynamic(start + 1, end)
        elif words[:1] == ["ARRAY"]:
            yield from self._expression(start + 1, end)
        elif ".." in words:
            middle = start + words.index("..")
            yield from self._expression(start + (words[0] == "REVERSE"), middle)
            by = next((i for i in range(middle, end) if self._words[i] == "BY"), end)
            yield from self._expression(middle + 1, by)
            yield from self._expression(by + 1, end)
        elif not self._cursors.intersection(words[:1]):
            yield self._sql(start, end)

    def _return(self, first: int, end: int) -> Iterator[Part]:
        following = self._words[first + 1 : first + 3]
        if following == ["QUERY", "EXECUTE"]:
            yield from self._dynamic(first + 3, end)
        elif following[:1] == ["QUERY"]:
            yield self._sql(first + 2, end)
        else:
            yield from self._expression(first + 1 + (following[:1] == ["NEXT"]), end)

    def _raise(self, first: int, end: int) -> Iterator[Part]:
        """`[LEVEL] 'format', expressions`, or the name of an error, `USING option = expression`."""
        using = self._outside(first, end, {"USING"})
        at = first + (first < end and self._words[first] in _LEVELS)
        # The format, SQLSTATE or the name of an error stands before the first comma.
        values = self._outside(at, using, {","})
        yield from self._expression(values + 1, using)
        while using < end:
            value = self._outside(using + 1, end, {"=", ":="})
            using = self._outside(value + 1, end, {","})
            yield from self._expression(value + 1, using)

    def _outside(self, first: int, end: int, stops: set[str]) -> int:
        """The next of `stops` that is in no parentheses, or the end."""
        depth = 0
        for i in range(first, end):
            if not depth and self._words[i] in stops:
                return i
            depth += (self._words[i] in _OPEN) - (self._words[i] in _CLOSE)
        return end

    def _cursor(self, first: int, end: int) -> Iterator[Part]:
        """OPEN of a bound cursor has no query; its declaration has."""
        at = next((i for i in range(first, end) if self._words[i] in ("FOR", "IS")), None)
        if at is None:
            return
        if self._words[at + 1 : at + 2] == ["EXECUTE"]:
            yield from self._dynamic(at + 2, end)
        else:
            yield self._sql(at + 1, end)

    def _dynamic(self, first: int, end: int) -> Iterator[Part]:
        """EXECUTE's expression, and those that USING gives to it before or after INTO."""
        yield self._part(Kind.DYNAMIC, first, self._outside(first, end, {"INTO", "USING"}))
        using = self._outside(first, end, {"USING"}) + 1
        yield from self._expression(using, self._outside(using, end, {"INTO"}))

    def _expression(self, first: int, end: int) -> Iterator[Part]:
        if first < end:
            yield self._part(Kind.EXPRESSION, first, end)

    def _sql(self, first: int, end: int) -> Part:
        part = self._part(Kind.SQL, first, end)
        follow = self._words[first : first + 1]
        into = self._into(first, end) if _TARGETS_FOLLOW.intersection(follow) else None
        if into is None:
            return part
        start, stop = self._tokens[into].start, self._tokens[self._targets_end(into, end) - 1].end
        blank = " " * (stop - start)
        text = (
            self._body[part.start : start] + blank + self._body[stop : part.start + len(part.text)]
        )
        return Part(Kind.SQL, text, part.start)

    def _into(self, first: int, end: int) -> int | None:
        depth = 0
        for i in range(first, end):
            depth += (self._words[i] in _OPEN) - (self._words[i] in _CLOSE)
            is_clause = self._words[i] == "INTO" and self._words[i - 1] not in _NOT_TARGETS_AFTER
            if is_clause and not depth:
                return i
        return None

    def _targets_end(self, into: int, end: int) -> int:
        """Behind `INTO [STRICT] a, b.c, d[1]`."""
        at = into + 1 + (self._words[into + 1 : into + 2] == ["STRICT"])
        while at < end:
            at += 1
            while at < end and self._words[at] == ".":
                at += 2
            if at < end and self._words[at] == "[":
                at = self._closing(at) + 1
            if at >= end or self._words[at] != ",":
                break
            at += 1
        return min(at, end)

    def _closing(self, at: int) -> int:
        """Where the parenthesis at `at` is closed, or the body ends."""
        depth = 0
        for i in range(at, len(self._words)):
            depth += (self._words[i] in _OPEN) - (self._words[i] in _CLOSE)
            if depth == 0:
                return i
        return len(self._words) - 1

    def _assignment(self, first: int, end: int) -> int | None:
        """Where the value of `name.field[1] := value` begins."""
        at = first + 1
        while at < end and self._words[at] in (".", "["):
            at = at + 2 if self._words[at] == "." else self._closing(at) + 1
        return at + 1 if at < end and self._words[at] in (":=", "=") else None

    def _find(self, stops: set[str]) -> int:
        """The next of `stops`, or the semicolon, outside parentheses and CASE … END."""
        depth = cases = 0
        for i in range(self._at, len(self._words)):
            word = self._words[i]
            if depth == 0 and (word == ";" or (word in stops and not cases)):
                return i
            depth = max(0, depth + (word in _OPEN) - (word in _CLOSE))
            cases = max(0, cases + (word == "CASE") - (word == "END"))
        return len(self._words)

    def _part(self, kind: Kind, first: int, end: int) -> Part:
        if first >= end:
            return Part(Kind.UNKNOWN, "", len(self._body))
        start = self._tokens[first].start
        return Part(kind, self._body[start : self._tokens[end - 1].end], start)
